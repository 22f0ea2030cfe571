package tp.tunnel;

import java.net.SocketAddress;

/** Who lets clients in. */
public interface SessionHost {

    /** Decides on a client; called on a virtual thread, may block. */
    Admission admit(ClientHello hello, SocketAddress peer);
}
