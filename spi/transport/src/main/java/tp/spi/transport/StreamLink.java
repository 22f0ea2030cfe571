package tp.spi.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;

/**
 * A connection with streams of its own, and perhaps datagrams, so that one lost packet does not
 * stop the others. Its peer is the manager itself, proven by TLS 1.3 and the pinned key; whoever
 * can only reach a proxy gives a byte link.
 *
 * <p>A stream is a Netty channel on {@link #loop()}. The core's handler is the last of its pipeline
 * and reads and writes {@link ByteBuf}s. To end its direction in order the core writes {@link
 * StreamEnd#STREAM_END}; that the peer did so arrives as {@link
 * io.netty.channel.socket.ChannelInputShutdownEvent}, after the last byte. A stream closes when
 * both directions have ended. Closing it before drops what still comes, and tells the peer, who may
 * see a break or an end: the session's messages say which it was. What is written is bounded: a
 * stream is not writable while the way is full, by its watermarks or the transport's own measure.
 *
 * <p>All methods but {@link #openStream}, {@link #loop()} and {@link #close()} are for the loop.
 */
public non-sealed interface StreamLink extends Link {

    /** {@return where all streams of this link live} */
    EventLoop loop();

    /** {@return the peer's address, as far as it is known} For logs and limits. */
    SocketAddress remoteAddress();

    /**
     * Begins to deliver: nothing is given to anybody before. Called once, on the loop.
     *
     * @param events told on the loop
     */
    void start(LinkEvents events);

    /**
     * Opens a stream; any thread. The peer learns of it with the first byte.
     *
     * @param handler becomes the last of the stream's pipeline
     * @return done on the loop; fails where the link is closed or has no stream left
     */
    Future<Channel> openStream(ChannelHandler handler);

    /** {@return the longest datagram that can be sent now, in bytes; 0 where there are none} */
    int maxDatagramBytes();

    /**
     * Sends one datagram, or drops it where the way is full.
     *
     * @param datagram taken over
     * @return whether it was not dropped here
     */
    boolean sendDatagram(ByteBuf datagram);

    /** Breaks every stream and ends; any thread; a second call does nothing. */
    void close();
}
