package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.spi.transport.Sockets;

@Timeout(20)
class PipeChannelTest {

    private final EventLoopGroup loops = Sockets.best().loops(1);
    private final SlowPipe pipe = new SlowPipe();
    private final PipeChannel channel = new PipeChannel(pipe);

    @AfterEach
    void end() throws InterruptedException {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    @Test
    void whatWasFlushedBeforeTheCloseIsSent() throws Exception {
        closeInTheMiddleOfAWrite();

        pipe.taking.countDown();

        pipe.closed.await();
        assertThat(pipe.taken).isEqualTo("the key is another");
    }

    /** The process may end with its loops: that waits too. */
    @Test
    void aLoopEndsAfterWhatWasFlushed() throws Exception {
        closeInTheMiddleOfAWrite();
        var ended = loops.shutdownGracefully(0, 10, TimeUnit.SECONDS);
        assertThat(ended.await(100)).isFalse();

        pipe.taking.countDown();

        ended.await();
        assertThat(pipe.taken).isEqualTo("the key is another");
        assertThat(pipe.isOpen()).isFalse();
    }

    @Test
    void aFlushOfNothingIsNotTheEnd() throws Exception {
        pipe.taking.countDown();
        loops.register(channel).sync();

        channel.writeAndFlush(Unpooled.buffer(0)).sync();
        channel.writeAndFlush(Unpooled.copiedBuffer("and then", StandardCharsets.US_ASCII)).sync();
        channel.close().sync();

        pipe.closed.await();
        assertThat(pipe.taken).isEqualTo("and then");
    }

    @Test
    void aPeerThatTakesNothingIsLeft() throws Exception {
        closeInTheMiddleOfAWrite();

        pipe.closed.await();
        assertThat(pipe.taken).isEmpty();
    }

    private void closeInTheMiddleOfAWrite() throws Exception {
        loops.register(channel).sync();
        channel.writeAndFlush(
                Unpooled.copiedBuffer("the key is another", StandardCharsets.US_ASCII));
        channel.close().sync();
        assertThat(channel.isOpen()).isFalse();
    }

    /** Says nothing, and takes nothing before it may. */
    private static final class SlowPipe implements ByteChannel {

        private final CountDownLatch closed = new CountDownLatch(1);

        /** Ended also by the close. */
        private final CountDownLatch taking = new CountDownLatch(1);

        private volatile String taken = "";

        @Override
        public int read(ByteBuffer into) throws AsynchronousCloseException {
            await(closed);
            throw new AsynchronousCloseException();
        }

        @Override
        public int write(ByteBuffer from) throws AsynchronousCloseException {
            await(taking);
            if (!isOpen()) {
                throw new AsynchronousCloseException();
            }
            int length = from.remaining();
            taken = StandardCharsets.US_ASCII.decode(from).toString();
            return length;
        }

        private static void await(CountDownLatch latch) throws AsynchronousCloseException {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AsynchronousCloseException();
            }
        }

        @Override
        public boolean isOpen() {
            return closed.getCount() > 0;
        }

        @Override
        public void close() {
            closed.countDown();
            taking.countDown();
        }
    }
}
