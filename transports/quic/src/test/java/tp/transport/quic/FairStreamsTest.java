package tp.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tp.spi.transport.Link;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.Listener;
import tp.spi.transport.Sockets;
import tp.spi.transport.StreamLink;
import tp.spi.transport.Transport;
import tp.testkit.TestIdentity;

/**
 * A stream that has much to send, far more than the congestion window, lets the others pass. No
 * clock is looked at: what counts is in which order bytes arrive.
 */
class FairStreamsTest {

    private static final int CHUNK = 64 * 1024;
    private static final int BULK = 48 * CHUNK;

    private static final byte FIRST = 1;
    private static final byte SECOND = 2;

    private final EventLoopGroup loops = Sockets.best().loops(2);
    private final Ends ends = new Ends(TestIdentity.create(), loops);
    private final Arrivals arrivals = new Arrivals();

    @AfterEach
    void end() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void aSmallMessagePassesABulk() throws Exception {
        send(BULK, 100);

        assertThat(arrivals.firstBytesWhenTheSecondWasThere).isLessThan(BULK / 2);
    }

    @Test
    void twoBulksShare() throws Exception {
        send(BULK, BULK);

        assertThat(arrivals.secondBytesWhenTheFirstWasThere).isGreaterThan(BULK / 2);
    }

    /** Both at once, the first before the second, as much as they are to send. */
    private void send(int firstBytes, int secondBytes) throws Exception {
        arrivals.expect(firstBytes, secondBytes);
        try (Listener listener = ends.listen(arrivals);
                Transport transport = ends.transport(listener.address())) {
            StreamLink link = Ends.start(transport);
            Channel first = link.openStream(new ChannelInboundHandlerAdapter()).sync().getNow();
            Channel second = link.openStream(new ChannelInboundHandlerAdapter()).sync().getNow();
            link.loop()
                    .execute(
                            () -> {
                                write(first, FIRST, firstBytes);
                                write(second, SECOND, secondBytes);
                            });
            assertThat(arrivals.all.await(30, TimeUnit.SECONDS)).as("all came").isTrue();
            link.close();
        }
    }

    private static void write(Channel stream, byte mark, int bytes) {
        for (int at = 0; at < bytes; at += CHUNK) {
            byte[] chunk = new byte[Math.min(CHUNK, bytes - at)];
            chunk[0] = mark;
            stream.writeAndFlush(Unpooled.wrappedBuffer(chunk));
        }
    }

    /** The manager's end; on its loop. */
    private static final class Arrivals implements LinkAcceptor, LinkEvents {

        private final CountDownLatch all = new CountDownLatch(2);
        private final Map<Byte, Integer> bytes = new ConcurrentHashMap<>();
        private Map<Byte, Integer> expected = Map.of();
        private volatile int firstBytesWhenTheSecondWasThere;
        private volatile int secondBytesWhenTheFirstWasThere;

        void expect(int firstBytes, int secondBytes) {
            expected = Map.of(FIRST, firstBytes, SECOND, secondBytes);
        }

        @Override
        public void accepted(Link link, SocketAddress from) {
            ((StreamLink) link).start(this);
        }

        @Override
        public void refused(SocketAddress from, String reason) {}

        @Override
        public void opened(Channel stream) {
            stream.pipeline().addLast(new Counting());
        }

        @Override
        public void datagram(ByteBuf datagram) {
            datagram.release();
        }

        @Override
        public void closed(Optional<Throwable> cause) {}

        private void arrived(byte mark, int more) {
            int now = bytes.merge(mark, more, Integer::sum);
            if (now < expected.getOrDefault(mark, 0)) {
                return;
            }
            if (mark == FIRST) {
                secondBytesWhenTheFirstWasThere = bytes.getOrDefault(SECOND, 0);
            } else {
                firstBytesWhenTheSecondWasThere = bytes.getOrDefault(FIRST, 0);
            }
            all.countDown();
        }

        private final class Counting extends ChannelInboundHandlerAdapter {
            private byte mark;

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf got = (ByteBuf) message;
                if (mark == 0) {
                    mark = got.getByte(got.readerIndex());
                }
                arrived(mark, got.readableBytes());
                got.release();
            }
        }
    }
}
