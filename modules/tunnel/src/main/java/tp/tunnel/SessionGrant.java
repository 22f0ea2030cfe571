package tp.tunnel;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What one admitted client may do. All methods but {@link #openEcho} are called on virtual threads
 * and may block.
 */
public interface SessionGrant {

    Welcome welcome();

    /** {@return who was let in: nobody else is given a flow that outlived its link} */
    String subject();

    /** Hands over the means to change the session from the manager's side; called once, first. */
    void opened(SessionControl control);

    /** {@return how a dial to that target has to end: ESTABLISHED where it is allowed} */
    DialOutcome mayReach(InetAddress address, int port);

    /** {@return the same for a target whose flow is open, when the rules have changed} */
    default DialOutcome mayStay(InetAddress address, int port) {
        return mayReach(address, port);
    }

    /**
     * A flow to that target, which another session of the same client has begun, is to go on in
     * this one: whatever allowed it there is known here from now on. Any thread.
     *
     * @param before the grant of that session, which may be over
     */
    default void follow(SessionGrant before, InetAddress target) {}

    /**
     * Answers a DNS message.
     *
     * @param tcp whether the question came over TCP, so that the answer may have any size
     * @param reply to be called at most once, from any thread
     */
    void answer(byte[] query, boolean tcp, Consumer<byte[]> reply);

    /**
     * {@return a target, which is allowed, to be asked for echoes} On the event loop: does not
     * block.
     *
     * @throws IOException where none can be asked, so that requests are lost
     */
    default EchoTarget openEcho(InetAddress target, EchoTarget.Ears ears) throws IOException {
        throw new IOException("nobody is asked for echoes here");
    }

    /** {@return why the fresh token is refused, or nothing where the session goes on} */
    Optional<String> renew(String token);

    /**
     * The client wants other namespaces. What it loses by that is lost for open flows too.
     *
     * @return why that is refused, so that all stays as it was, or nothing
     */
    Optional<String> remap(MappingRequest wanted);

    /** The session is over. */
    void closed();
}
