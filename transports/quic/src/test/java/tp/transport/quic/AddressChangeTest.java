package tp.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.transport.Link;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.Listener;
import tp.spi.transport.Sockets;
import tp.spi.transport.StreamLink;
import tp.spi.transport.Transport;
import tp.testkit.TestIdentity;

/** Downloads come whole, also while a translator before the client forgets its flow. */
@ParameterizedClass
@EnumSource(Sockets.class)
class AddressChangeTest {

    private static final long BYTES = 24L << 20;
    private static final int DOWNLOADS = 20;

    private final EventLoopGroup loops;
    private final Ends ends;

    AddressChangeTest(Sockets sockets) {
        assumeTrue(sockets.isAvailable(), "not run: sockets of epoll need Linux on x86_64");
        loops = sockets.loops(2);
        ends = new Ends(TestIdentity.create(), loops);
    }

    @AfterEach
    void end() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void aDownloadOutlivesChangesOfTheClientsAddress(int changes) throws Exception {
        var accepted = new AtomicInteger();
        try (Listener listener = ends.listen(new Serving(accepted));
                ForgetfulRelay relay = new ForgetfulRelay(listener.address());
                Transport transport = ends.transport(relay.address())) {
            StreamLink link = Ends.start(transport);
            Download download = Download.over(link);
            for (int i = 1; i <= changes; i++) {
                download.await(i * BYTES / (changes + 1));
                relay.forget();
            }
            download.await(BYTES);

            assertThat(download.wrong).as("wrong bytes").hasValue(0);
            assertThat(accepted).hasValue(1);
            link.close();
        }
    }

    /** Segments, joined packets and large windows stood still once, without an error. */
    @Test
    void manyDownloadsOneAfterTheOtherComeToTheirEnd() throws Exception {
        try (Listener listener = ends.listen(new Serving(new AtomicInteger()));
                Transport transport = ends.transport(listener.address())) {
            StreamLink link = Ends.start(transport);
            long startNs = System.nanoTime();
            for (int i = 0; i < DOWNLOADS; i++) {
                Download download = Download.over(link);
                download.await(BYTES);
                assertThat(download.wrong).as("wrong bytes").hasValue(0);
            }
            System.out.printf(
                    "quic: %d MB/s%n", DOWNLOADS * BYTES * 1000 / (System.nanoTime() - startNs));
            link.close();
        }
    }

    /** Counts what comes, and compares. */
    private static final class Download extends ChannelInboundHandlerAdapter {
        private final AtomicLong bytes = new AtomicLong();
        private final AtomicInteger wrong = new AtomicInteger();

        static Download over(StreamLink link) throws InterruptedException {
            Download download = new Download();
            Channel stream = link.openStream(download).sync().getNow();
            stream.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})).sync();
            return download;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf got = (ByteBuf) message;
            long at = bytes.get();
            for (int i = got.readerIndex(); i < got.writerIndex(); i++) {
                if (got.getByte(i) != (byte) ((at * 31) >> 4)) {
                    wrong.incrementAndGet();
                }
                at++;
            }
            bytes.set(at);
            got.release();
        }

        void await(long wanted) throws InterruptedException {
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
            var pause = new CountDownLatch(1);
            while (bytes.get() < wanted) {
                assertThat(System.nanoTime() - deadlineNs)
                        .as("%d of %d bytes have come", bytes.get(), wanted)
                        .isNegative();
                pause.await(2, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Answers the first byte of a stream with all that there is. */
    private record Serving(AtomicInteger links) implements LinkAcceptor {

        @Override
        public void accepted(Link link, SocketAddress from) {
            links.incrementAndGet();
            ((StreamLink) link)
                    .start(
                            new LinkEvents() {
                                @Override
                                public void opened(Channel stream) {
                                    stream.pipeline().addLast(new Upload());
                                }

                                @Override
                                public void datagram(ByteBuf datagram) {
                                    datagram.release();
                                }

                                @Override
                                public void closed(Optional<Throwable> cause) {}
                            });
        }

        @Override
        public void refused(SocketAddress from, String reason) {}
    }

    private static final class Upload extends ChannelInboundHandlerAdapter {
        private long sent;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
            more(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            more(ctx);
        }

        private void more(ChannelHandlerContext ctx) {
            while (sent < BYTES && ctx.channel().isWritable()) {
                byte[] chunk = new byte[(int) Math.min(8192, BYTES - sent)];
                for (int i = 0; i < chunk.length; i++) {
                    chunk[i] = (byte) (((sent + i) * 31) >> 4);
                }
                sent += chunk.length;
                ctx.writeAndFlush(Unpooled.wrappedBuffer(chunk));
            }
        }
    }
}
