package tp.stack;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * What a stack tells its owner, on the owner's thread, during a call. Handlers do not throw and do
 * not wait. Buffers and views are borrowed for the call.
 */
public interface StackEvents {

    /** An application wants to connect; answer with {@link Stack#dialed}, at once or later. */
    void dial(long dialId, FlowView flow);

    /** The application has given up: no answer is wanted any more. */
    void cancelDial(long dialId);

    /**
     * A dialled connection is about to arrive at the listener; comes before its SYN is transmitted.
     *
     * @param slot to be named in {@link Stack#flowEnded}
     * @param place the remote address and port that the listener will see
     */
    void admitted(long dialId, int slot, InetSocketAddress place);

    /**
     * A reset passed on an admitted connection. Its sockets see the reset themselves; this is for
     * the owner who still waits for the connection to be accepted. It may yet be: a reset can be
     * about an older connection's packet, and mean nothing.
     */
    void resetSeen(long dialId, int slot, InetSocketAddress place);

    /** A datagram, its payload between position and limit. */
    void udp(FlowView flow, ByteBuffer payload);

    /**
     * A request for an echo, whose identifier is the flow's source port.
     *
     * @param echoed what is to come back: sequence number (2 bytes) and data
     */
    void echo(FlowView flow, ByteBuffer echoed);

    /** A packet to be written to the device, between position and limit. */
    void transmit(ByteBuffer packet);
}
