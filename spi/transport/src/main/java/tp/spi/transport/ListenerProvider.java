package tp.spi.transport;

import java.io.IOException;
import java.net.URI;
import tp.spi.common.Provider;

/**
 * The manager's half of a transport that does not end at the session port: listens on a port of its
 * own. Found in the manager's process.
 */
public interface ListenerProvider extends Provider {

    /** {@return the port of the pod on which it listens} */
    ListenerPort port();

    /** {@return the address by which clients reach that port where it is exposed} */
    default URI endpoint(String host, int exposedPort) {
        String literal = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return URI.create(id() + "://" + literal + ":" + exposedPort);
    }

    /**
     * Starts to listen; returns when it does.
     *
     * @throws IOException with one line, where the port cannot be had
     */
    Listener listen(ListenerContext context) throws IOException;
}
