package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import tp.tunnel.EchoTarget;

/** Asks targets for echoes on behalf of sessions. */
interface Pings {

    /** {@return why nobody can be asked, for people; empty if all is well} */
    String refusal();

    /**
     * {@return a target that may be asked; does not block}
     *
     * @throws IOException where it cannot be asked
     */
    EchoTarget open(InetAddress target, EchoTarget.Ears ears) throws IOException;
}
