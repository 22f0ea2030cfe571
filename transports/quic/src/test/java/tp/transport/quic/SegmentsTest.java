package tp.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.transport.Sockets;

/** What a connection does when the kernel does not take several packets at once. */
class SegmentsTest {

    private static final InetSocketAddress THERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

    private final EventLoopGroup loops = Sockets.best().loops(1);

    @BeforeEach
    void needsEpoll() {
        assumeTrue(Sockets.best() == Sockets.EPOLL, "not run: UDP_SEGMENT needs sockets of epoll");
    }

    @AfterEach
    void end() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({"22, true", "90, true", "5, true", "101, false", "1, false"})
    void aConnectionWhoseSegmentsAreRefusedSendsOneByOne(int errno, boolean refused)
            throws Exception {
        EmbeddedChannel socket = new EmbeddedChannel(new Failing(errno), Segments.watch());
        Channel real = QuicSockets.bind(loops, new InetSocketAddress(0));
        SegmentedDatagramPacketAllocator one = Segments.over(real);
        SegmentedDatagramPacketAllocator other = Segments.over(real);
        int before = one.maxNumSegments();
        socket.write(one.newPacket(Unpooled.buffer().writeZero(2400), 1200, THERE));

        assertThat(one.maxNumSegments()).isEqualTo(refused ? 0 : before);
        assertThat(other.maxNumSegments()).as("another connection's").isEqualTo(before);
        socket.finishAndReleaseAll();
        real.close().sync();
    }

    private static final class Failing extends ChannelOutboundHandlerAdapter {

        private final int errno;

        Failing(int errno) {
            this.errno = errno;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            promise.setFailure(new NativeIoException("sendmmsg", -errno));
        }
    }
}
