package tp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.spi.transport.Link;
import tp.spi.transport.StreamLink;
import tp.spi.transport.Transport;

/**
 * What the streams of a {@link Transport} must keep: the guarantees 4 to 7 in the description of
 * {@code tp.spi.transport}.
 */
@Timeout(180)
public abstract class StreamContract {

    private static final int BULK_BYTES = 16 << 20;

    /** More than any sensible buffers on the way hold: socket buffers, frames, queues. */
    private static final int BOUND_BYTES = 64 << 20;

    protected StreamContract() {}

    /** {@return a transport whose streams all end at that peer} Closed by the test. */
    protected abstract Transport transportTo(Peer peer) throws Exception;

    /** {@return a transport to a manager that refuses every connection} */
    protected abstract Transport transportToNobody() throws Exception;

    @Test
    void bytesComeBackAsTheyWereSent() throws Exception {
        try (Transport transport = transportTo(Peer.echo());
                ByteChannel stream = open(transport)) {
            var sent = Background.run(() -> Bytes.write(stream, 1, BULK_BYTES));

            assertThat(Bytes.read(stream, BULK_BYTES)).isEqualTo(sent.result());
        }
    }

    @Test
    void bothDirectionsRunAtTheSameTime() throws Exception {
        int bytes = BULK_BYTES / 4;
        Peer peer =
                stream -> {
                    var written = Background.run(() -> Bytes.write(stream, 2, bytes));
                    Bytes.read(stream, bytes);
                    try {
                        written.result();
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                    stream.read(ByteBuffer.allocate(1));
                };
        try (Transport transport = transportTo(peer);
                ByteChannel stream = open(transport)) {
            var sent = Background.run(() -> Bytes.write(stream, 3, bytes));

            assertThat(Bytes.read(stream, bytes)).isEqualTo(Bytes.write(new Nowhere(), 2, bytes));
            assertThat(sent.result()).isNotEmpty();
        }
    }

    @Test
    void eachOpenGivesAStreamOfItsOwn() throws Exception {
        try (Transport transport = transportTo(Peer.echo());
                ByteChannel other = open(transport)) {
            ByteChannel one = open(transport);
            one.write(ByteBuffer.wrap(new byte[] {1}));
            one.close();
            other.write(ByteBuffer.wrap(new byte[] {2}));

            ByteBuffer answer = ByteBuffer.allocate(8);
            assertThat(other.read(answer)).isEqualTo(1);
            assertThat(answer.get(0)).isEqualTo((byte) 2);
            assertThat(one.isOpen()).isFalse();
            assertThat(other.isOpen()).isTrue();
        }
    }

    @Test
    void closingAStreamEndsABlockedRead() throws Exception {
        try (Transport transport = transportTo(Peer.echo())) {
            ByteChannel stream = open(transport);
            var reading = Background.run(() -> stream.read(ByteBuffer.allocate(8)));
            stream.close();

            assertThat(reading.failure()).containsInstanceOf(IOException.class);
        }
    }

    @Test
    void closingAStreamEndsABlockedWrite() throws Exception {
        try (Transport transport = transportTo(deafUntil(new CountDownLatch(1)))) {
            ByteChannel stream = open(transport);
            var written = new AtomicLong();
            var writing = Background.run(() -> writeUntilBound(stream, written));
            awaitStandstill(written);
            stream.close();

            assertThat(writing.failure()).containsInstanceOf(IOException.class);
        }
    }

    @Test
    void closingTheTransportEndsItsStreams() throws Exception {
        Transport transport = transportTo(Peer.echo());
        ByteChannel stream = open(transport);
        var reading = Background.run(() -> stream.read(ByteBuffer.allocate(8)));
        transport.close();
        transport.close();

        assertThat(reading.failure()).containsInstanceOf(IOException.class);
        assertThat(stream.isOpen()).isFalse();
        assertThatThrownBy(() -> open(transport)).isInstanceOf(IOException.class);
    }

    @Test
    void anOrderlyEndIsSeenAfterTheLastByte() throws Exception {
        try (Transport transport = transportTo(stream -> Bytes.write(stream, 4, 300_000));
                ByteChannel stream = open(transport)) {

            assertThat(Bytes.read(stream, 300_000))
                    .isEqualTo(Bytes.write(new Nowhere(), 4, 300_000));
            assertThat(stream.read(ByteBuffer.allocate(8))).isEqualTo(-1);
            assertThat(stream.read(ByteBuffer.allocate(8))).isEqualTo(-1);
        }
    }

    @Test
    void anyOtherEndIsAnExceptionAndNeverAnEndOfStream() throws Exception {
        Peer peer =
                stream -> {
                    stream.read(ByteBuffer.allocate(1));
                    throw new IOException("the peer breaks the stream");
                };
        try (Transport transport = transportTo(peer)) {
            Link link = transport.open();
            try (ByteChannel stream = BlockingStreams.of(link)) {
                stream.write(ByteBuffer.wrap(new byte[] {1}));

                if (link instanceof StreamLink) {
                    // Who has many streams need not tell apart how one ended: the messages do.
                    assertThat(endOf(stream)).isIn("end", "broken");
                } else {
                    assertThat(endOf(stream)).isEqualTo("broken");
                }
            }
        }
    }

    private static String endOf(ByteChannel stream) {
        try {
            return stream.read(ByteBuffer.allocate(8)) < 0 ? "end" : "bytes";
        } catch (IOException e) {
            return "broken";
        }
    }

    @Test
    void writingWithoutAReaderStopsAndGoesOnWithOne() throws Exception {
        var readNow = new CountDownLatch(1);
        try (Transport transport = transportTo(deafUntil(readNow));
                ByteChannel stream = open(transport)) {
            var written = new AtomicLong();
            var writing = Background.run(() -> writeUntilBound(stream, written));
            awaitStandstill(written);

            assertThat(written.get()).isLessThan(BOUND_BYTES);
            assertThat(writing.isDone()).isFalse();
            readNow.countDown();
            assertThat(writing.result()).isEqualTo(BOUND_BYTES);
        }
    }

    @Test
    void aManagerThatDoesNotAnswerIsOneLine() throws Exception {
        try (Transport transport = transportToNobody()) {
            assertThatThrownBy(() -> open(transport))
                    .isInstanceOf(IOException.class)
                    .satisfies(e -> assertThat(e.getMessage()).isNotBlank().hasLineCount(1));
        }
    }

    /** {@return one byte stream of a new link, whatever its shape} */
    private static ByteChannel open(Transport transport) throws IOException {
        return BlockingStreams.of(transport.open());
    }

    private static Peer deafUntil(CountDownLatch readNow) {
        return stream -> {
            try {
                readNow.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
            while (stream.read(buffer.clear()) >= 0) {}
        };
    }

    private static long writeUntilBound(ByteChannel stream, AtomicLong written) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(32 << 10);
        while (written.get() < BOUND_BYTES) {
            written.addAndGet(stream.write(chunk.clear()));
        }
        return written.get();
    }

    /** Waits until nothing more was written for half a second. */
    private static void awaitStandstill(AtomicLong written) throws InterruptedException {
        var last = new AtomicLong(-1);
        var sinceNs = new AtomicLong(System.nanoTime());
        Background.await(
                "writing stops",
                () -> {
                    if (last.getAndSet(written.get()) != written.get()) {
                        sinceNs.set(System.nanoTime());
                    }
                    return written.get() > 0 && System.nanoTime() - sinceNs.get() > 500_000_000L;
                });
    }
}
