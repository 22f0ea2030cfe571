package tp.transport.quic;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.concurrent.TimeUnit;

/** What both ends set alike. */
final class QuicSettings {

    /** RFC 9001 §8.1: without it no connection is made. */
    static final String APPLICATION_PROTOCOL = "tp/1";

    /** Closed in order (RFC 9000 §20.2: the numbers are the application's). */
    static final int CLOSED = 0;

    /** For a link of which nothing is heard; the session gives it up sooner. */
    private static final long IDLE_SECONDS = 20;

    /** Credit limits, not these: a session's receive memory is bounded by its flows' windows. */
    private static final long CONNECTION_WINDOW_BYTES = 64L << 20;

    private static final long STREAM_WINDOW_BYTES = 4L << 20;

    /** Further ones are dropped: a datagram is never late. */
    private static final int DATAGRAM_QUEUE = 1024;

    /** A datagram of Ethernet's MTU with room for a tunnel's header. */
    private static final int UDP_PAYLOAD_BYTES = 1350;

    private QuicSettings() {}

    /**
     * CUBIC and not BBR: docs/adr/0018.
     *
     * @param streams how many the peer may have open
     */
    static <B extends QuicCodecBuilder<B>> B apply(B builder, long streams) {
        return builder.maxIdleTimeout(IDLE_SECONDS, TimeUnit.SECONDS)
                .congestionControlAlgorithm(QuicCongestionControlAlgorithm.CUBIC)
                .maxSendUdpPayloadSize(UDP_PAYLOAD_BYTES)
                .maxRecvUdpPayloadSize(UDP_PAYLOAD_BYTES)
                .initialMaxData(CONNECTION_WINDOW_BYTES)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW_BYTES)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW_BYTES)
                .initialMaxStreamsBidirectional(streams)
                .activeMigration(true)
                .datagram(DATAGRAM_QUEUE, DATAGRAM_QUEUE);
    }

    /** {@return who prepares each stream that the manager opens} */
    static ChannelHandler incoming(QuicLink link, MovingClient client) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                if (((QuicStreamChannel) stream).type() == QuicStreamType.UNIDIRECTIONAL) {
                    stream.pipeline().addLast(client.secretReader());
                } else {
                    link.opened(stream);
                }
            }
        };
    }
}
