package tp.connector;

import java.util.Optional;
import tp.spi.common.TpException;
import tp.spi.transport.Endpoint;
import tp.tunnel.MappingRequest;
import tp.tunnel.Welcome;

/** Keeps a session alive, and seeks it anew while it is lost. Any thread. */
sealed interface SessionKeeper extends AutoCloseable permits Uplink, ApiLink {

    /** {@return the open session, empty while there is none} */
    Optional<ClusterSession> session();

    /** {@return a session for a new TCP flow, empty while there is none} */
    Optional<ClusterSession> sessionForFlow();

    /**
     * {@return the open session, waited for while there is none, empty where the time is up}
     *
     * @param lost is not returned: its end is not known here yet
     */
    Optional<ClusterSession> await(Optional<ClusterSession> lost, long timeoutNs)
            throws InterruptedException;

    LinkState state();

    /** {@return where the link in use leads, where it does not lead through the API server} */
    Optional<Endpoint> endpoint();

    /** {@return where links lead at this moment, empty while there is none} */
    Optional<LinkOpener.Target> target();

    /**
     * Changes what is mapped; blocks until it holds, for open flows too.
     *
     * @return what is granted now
     * @throws TpException where that is refused or not answered; then all is as before
     */
    Welcome remap(MappingRequest wanted);

    /**
     * Goes on over that transport, open flows too, and over no other from now on; returns when it
     * is in use.
     *
     * @return whether it was another before
     * @throws TpException where it does not get there; then all is as before
     */
    boolean use(String transport);

    @Override
    void close();
}
