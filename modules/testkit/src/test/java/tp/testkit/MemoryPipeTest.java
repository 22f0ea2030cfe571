package tp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MemoryPipeTest {

    private final MemoryPipe pipe = new MemoryPipe(10);

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096})
    void bytesArriveInOrderWhateverTheCapacity(int capacityBytes) throws Exception {
        var narrow = new MemoryPipe(capacityBytes);
        var written = Background.run(() -> Bytes.write(narrow.left(), 5, 50_000));

        assertThat(Bytes.read(narrow.right(), 50_000)).isEqualTo(written.result());
    }

    @Test
    void aFullPipeBlocksTheWriterUntilSomethingIsRead() throws Exception {
        var writing = Background.run(() -> pipe.left().write(ByteBuffer.allocate(11)));

        assertThat(pipe.right().read(ByteBuffer.allocate(1))).isEqualTo(1);
        assertThat(writing.result()).isEqualTo(11);
    }

    @Test
    void whatWasWrittenBeforeACloseIsReadBeforeTheEnd() throws IOException {
        pipe.left().write(ByteBuffer.wrap(new byte[] {1, 2}));
        pipe.left().close();

        assertThat(pipe.right().read(ByteBuffer.allocate(8))).isEqualTo(2);
        assertThat(pipe.right().read(ByteBuffer.allocate(8))).isEqualTo(-1);
        assertThatThrownBy(() -> pipe.right().write(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> pipe.left().read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aCloseByAnotherThreadEndsABlockedRead() throws Exception {
        var reading = Background.run(() -> pipe.left().read(ByteBuffer.allocate(1)));
        pipe.left().close();

        assertThat(reading.failure())
                .hasValueSatisfying(
                        e ->
                                assertThat(e)
                                        .isInstanceOfAny(
                                                AsynchronousCloseException.class,
                                                ClosedChannelException.class));
    }

    @Test
    void aBreakFailsBothEndsAndLosesWhatWasUnread() throws IOException {
        pipe.left().write(ByteBuffer.allocate(1));
        pipe.breakDown();

        assertThatThrownBy(() -> pipe.right().read(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> pipe.left().write(ByteBuffer.allocate(1)))
                .isInstanceOf(IOException.class);
    }
}
