package tp.tunnel;

import java.nio.ByteBuffer;

/**
 * A conversation of datagrams with one target, seen from the laptop: UDP, or requests for an echo,
 * of which sequence number (2 bytes) and data are sent.
 */
public interface UdpFlow {

    /**
     * Sends a datagram; any thread. The buffer is borrowed for the call.
     *
     * @return false where it was dropped because the tunnel is full or down, which is counted
     */
    boolean send(ByteBuffer payload);

    void close();

    /** {@return its numbers at this moment; any thread} */
    default FlowStatistics statistics() {
        return FlowStatistics.NONE;
    }
}
