package tp.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    @TempDir private Path directory;
    private UnixListener listener;
    private UnixSocket near;
    private UnixSocket far;

    @BeforeEach
    void connect() throws OsException {
        listener = UnixListener.listen(directory.resolve("socket"));
        near = UnixSocket.connect(directory.resolve("socket"));
        far = listener.accept(LONG).orElseThrow();
    }

    @AfterEach
    void close() {
        near.close();
        far.close();
        listener.close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void bothEndsKnowEachOther() throws OsException {
        UnixSocket.Peer me = far.peer();
        assertThat(me.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(me.userId()).isEqualTo(Processes.userId());
        assertThat(near.peer()).isEqualTo(me);
    }

    @Test
    void carriesMessagesOfEveryPermittedSizeAndThenTheEnd() throws IOException {
        for (int size : new int[] {0, 1, 1000, UnixSocket.MAX_MESSAGE_BYTES}) {
            near.send(new byte[size], Optional.empty());
            assertThat(far.receive(LONG).orElseThrow().body().remaining()).isEqualTo(size);
        }
        near.shutdown();
        assertThat(far.receive(LONG)).isEmpty();
    }

    @Test
    void passesADescriptorThatWorks() throws IOException {
        Path other = directory.resolve("other");
        try (UnixListener passed = UnixListener.listen(other);
                UnixSocket sent = UnixSocket.connect(other);
                UnixSocket end = passed.accept(LONG).orElseThrow()) {
            near.send(text("first"), Optional.of(sent.descriptor()));
            near.send(text("second"), Optional.empty());
            UnixSocket.Message first = far.receive(LONG).orElseThrow();
            UnixSocket.Message second = far.receive(LONG).orElseThrow();
            assertThat(second.descriptor()).isEmpty();
            assertThat(StandardCharsets.UTF_8.decode(second.body()).toString()).isEqualTo("second");
            try (UnixSocket copy = new UnixSocket(first.descriptor().orElseThrow())) {
                copy.send(text("through the copy"), Optional.empty());
                assertThat(end.receive(LONG)).isPresent();
            }
        }
    }

    @Test
    void refusesWhatIsTooLongOrCutOff() throws IOException {
        assertThatThrownBy(
                        () ->
                                near.send(
                                        new byte[UnixSocket.MAX_MESSAGE_BYTES + 1],
                                        Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        raw(near, ByteBuffer.allocateDirect(4).putInt(0, UnixSocket.MAX_MESSAGE_BYTES + 1));
        assertThatThrownBy(() -> far.receive(LONG)).hasMessageContaining("65537 bytes");
        raw(far, ByteBuffer.allocateDirect(6).putInt(0, 3));
        far.shutdown();
        assertThatThrownBy(() -> near.receive(LONG)).hasMessageContaining("cut off");
    }

    @Test
    void seesTheEndWithoutReading() throws Exception {
        near.send(text("unread"), Optional.empty());
        Thread watcher =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        far.awaitEnd();
                                    } catch (OsException e) {
                                        throw new AssertionError(e);
                                    }
                                });
        watcher.join(50);
        assertThat(watcher.isAlive()).isTrue();
        near.close();
        watcher.join(5000);
        assertThat(watcher.isAlive()).isFalse();
        assertThat(far.receive(LONG)).isPresent();
    }

    @Test
    void givesUpInTime() throws OsException {
        assertThat(listener.accept(Duration.ofMillis(10))).isEmpty();
        assertThatThrownBy(() -> far.receive(Duration.ofMillis(10)))
                .isInstanceOf(SocketTimeoutException.class);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void raw(UnixSocket socket, ByteBuffer bytes) throws OsException {
        int fd = socket.descriptor().number();
        assertThat(LinuxLibrary.C.send(fd, bytes, bytes.remaining(), 0))
                .isEqualTo(bytes.remaining());
    }
}
