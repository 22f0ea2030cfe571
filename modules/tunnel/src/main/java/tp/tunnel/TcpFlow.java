package tp.tunnel;

import io.netty.channel.socket.SocketChannel;

/** A TCP conversation, seen from the laptop. */
public interface TcpFlow {

    /**
     * Joins the flow to the accepted socket of the application. The channel has to be registered on
     * the session's event loop with automatic reading off; from here on the flow owns it.
     */
    void attach(SocketChannel accepted);

    /** Ends the flow with a reset at both ends; before the dial ended, cancels the dial. */
    void reset();

    /** {@return its numbers at this moment; any thread} */
    default FlowStatistics statistics() {
        return FlowStatistics.NONE;
    }
}
