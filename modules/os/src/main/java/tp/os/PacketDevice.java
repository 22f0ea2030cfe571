package tp.os;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A network device whose packets this process reads and writes, in batches. Packets begin with
 * their IP header. One thread reads, waits and closes, and one (perhaps another) writes; {@link
 * #wake} may be called by any thread at any time, also after the end.
 */
public interface PacketDevice extends AutoCloseable {

    /** {@return the device's name} */
    String name();

    /** {@return the longest packet, without head-room} */
    int mtu();

    /** {@return how many bytes before a packet must be free for the device's own header} */
    int headRoomBytes();

    /** {@return how many packets a caller should offer at once} */
    int batchSize();

    /**
     * Reads what is there and never waits.
     *
     * @param packets direct buffers of at least head-room and MTU; each one that was filled has its
     *     position at the head-room and its limit at the end of the packet
     * @return how many were filled, from index 0
     * @throws IOException if the device is gone
     */
    int read(ByteBuffer[] packets) throws IOException;

    /**
     * Writes packets and never waits. What the kernel does not take (malformed, device down, queue
     * full) is dropped. Positions and limits stay.
     *
     * @param packets direct buffers, each from its position to its limit
     * @return how many the kernel took
     * @throws IOException if the device is gone
     */
    int write(ByteBuffer[] packets, int count) throws IOException;

    /**
     * Waits until there is a packet, {@link #wake} was called, or the time is over.
     *
     * @param timeoutNs {@link Long#MAX_VALUE} for no limit
     * @return whether there is a packet
     */
    boolean await(long timeoutNs) throws IOException;

    /** Ends the current or the next {@link #await}. */
    void wake();

    /** Gives the device back: it vanishes with the last descriptor of it. */
    @Override
    void close();
}
