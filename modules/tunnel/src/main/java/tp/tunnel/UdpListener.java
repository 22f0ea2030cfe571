package tp.tunnel;

import io.netty.buffer.ByteBuf;

/** Told what a UDP flow brings, on the session's event loop. */
public interface UdpListener {

    /** One datagram; the buffer is borrowed for the call. */
    void received(ByteBuf payload);

    /** The target answered that it cannot be reached, or is not allowed; the flow stays open. */
    void unreachable(DialOutcome outcome);

    /** The flow is over. */
    void closed();
}
