package tp.spi.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Optional;

/** Told of what happens on a {@link StreamLink}, on its loop. */
public interface LinkEvents {

    /** The peer opened a stream; called before its first byte, so that handlers can be added. */
    void opened(Channel stream);

    /** A datagram came; the buffer is the receiver's to release. */
    void datagram(ByteBuf datagram);

    /**
     * Something came from the peer, be it a part of something. A link need not say so of what its
     * streams read and of its datagrams.
     */
    default void heard() {}

    /**
     * The link is over, told once.
     *
     * @param cause what broke it; empty where it was closed at either end
     */
    void closed(Optional<Throwable> cause);
}
