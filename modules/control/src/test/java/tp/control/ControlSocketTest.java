package tp.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.spi.common.TpException;

class ControlSocketTest {

    @TempDir private Path folder;

    private RuntimeDirectory directory() {
        return RuntimeDirectory.of(Map.of("XDG_RUNTIME_DIR", folder.toString()));
    }

    @Test
    void progressComesInOrderAndThenTheReply() throws IOException {
        RuntimeDirectory directory = directory();
        try (ControlServer server =
                        ControlServer.start(
                                directory,
                                (request, replies) -> {
                                    replies.accept(Reply.Progress.step(request.toString()));
                                    replies.accept(Reply.Progress.asking("two"));
                                    replies.accept(new Reply.Done());
                                });
                ControlClient client = ControlClient.connect(directory).orElseThrow()) {
            assertThat(server).isNotNull();
            List<Reply.Progress> lines = new ArrayList<>();
            assertThat(client.ask(new Request.Quit(), lines::add)).isEqualTo(new Reply.Done());
            assertThat(lines)
                    .containsExactly(
                            new Reply.Progress("Quit[]", false), new Reply.Progress("two", true));
            client.awaitEnd();
        }
        assertThat(directory.socket()).doesNotExist();
    }

    @Test
    void aFailureArrivesAsTheExceptionItWas() throws IOException {
        RuntimeDirectory directory = directory();
        Reply failed = new Reply.Failed(TpException.Category.USAGE, "no such thing", "try b", "at");
        try (ControlServer server =
                        ControlServer.start(
                                directory, (request, replies) -> replies.accept(failed));
                ControlClient client = ControlClient.connect(directory).orElseThrow()) {
            assertThat(server).isNotNull();
            assertThatExceptionOfType(TpException.class)
                    .isThrownBy(() -> client.ask(new Request.Status(), line -> {}))
                    .satisfies(
                            e -> {
                                assertThat(e.line()).isEqualTo("no such thing; try b");
                                assertThat(e.category()).isEqualTo(TpException.Category.USAGE);
                                assertThat(e.getCause()).hasMessage("in the daemon: at");
                            });
        }
    }

    @Test
    void whoeverServesKnowsThatTheAskerHasLeft() throws Exception {
        CompletableFuture<Thread> handling = new CompletableFuture<>();
        CompletableFuture<Thread> left = new CompletableFuture<>();
        ControlServer.Handler handler =
                new ControlServer.Handler() {
                    @Override
                    public void handle(Request request, Consumer<Reply> replies) {
                        handling.complete(Thread.currentThread());
                        left.join();
                    }

                    @Override
                    public void left(Thread thread) {
                        left.complete(thread);
                    }
                };
        RuntimeDirectory directory = directory();
        try (ControlServer server = ControlServer.start(directory, handler)) {
            assertThat(server).isNotNull();
            ControlClient client = ControlClient.connect(directory).orElseThrow();
            Thread asking =
                    Thread.ofVirtual()
                            .start(
                                    () ->
                                            assertThatExceptionOfType(TpException.class)
                                                    .isThrownBy(
                                                            () ->
                                                                    client.ask(
                                                                            new Request.Status(),
                                                                            line -> {})));
            Thread thread = handling.get(5, TimeUnit.SECONDS);
            assertThat(left).isNotDone();
            client.close();
            assertThat(left.get(5, TimeUnit.SECONDS)).isEqualTo(thread);
            asking.join();
        }
    }

    @Test
    void whatIsThrownWhileServingIsToldAndEndsNothingElse() throws IOException {
        RuntimeDirectory directory = directory();
        List<Throwable> surprises =
                new ArrayList<>(List.of(new IllegalStateException("a"), new StackOverflowError()));
        try (ControlServer server =
                ControlServer.start(
                        directory,
                        (request, replies) -> {
                            if (surprises.isEmpty()) {
                                replies.accept(new Reply.Done());
                                return;
                            }
                            Throwable next = surprises.removeFirst();
                            if (next instanceof Error error) {
                                throw error;
                            }
                            throw (RuntimeException) next;
                        })) {
            assertThat(server).isNotNull();
            for (String name : List.of("(IllegalStateException: a)", "(StackOverflowError)")) {
                try (ControlClient client = ControlClient.connect(directory).orElseThrow()) {
                    assertThatExceptionOfType(TpException.class)
                            .isThrownBy(() -> client.ask(new Request.Status(), line -> {}))
                            .withMessage("this is a bug in tp " + name)
                            .satisfies(e -> assertThat(e.nextStep()).contains("log"));
                }
            }
            try (ControlClient client = ControlClient.connect(directory).orElseThrow()) {
                assertThat(client.ask(new Request.Status(), line -> {}))
                        .isEqualTo(new Reply.Done());
            }
        }
    }

    @Test
    void garbageEndsItsOwnConnectionOnly() throws IOException {
        RuntimeDirectory directory = directory();
        try (ControlServer server =
                ControlServer.start(
                        directory, (request, replies) -> replies.accept(new Reply.Done()))) {
            assertThat(server).isNotNull();
            for (byte[] garbage :
                    List.of(
                            new byte[] {0x7f, 0, 0, 0, 1},
                            new byte[] {0, 0, 0, 2, 1, 99},
                            new byte[] {-1, -1, -1, -1})) {
                try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    socket.connect(UnixDomainSocketAddress.of(directory.socket()));
                    socket.write(ByteBuffer.wrap(garbage));
                    assertThat(endOf(socket)).isEqualTo(-1);
                }
            }
            try (ControlClient client = ControlClient.connect(directory).orElseThrow()) {
                assertThat(client.ask(new Request.Status(), line -> {}))
                        .isEqualTo(new Reply.Done());
            }
        }
    }

    /** A peer that closes with bytes unread resets the connection; that is an end as well. */
    private static int endOf(SocketChannel socket) {
        try {
            return socket.read(ByteBuffer.allocate(1));
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void noDaemonAndADeadDaemonsSocketAreBothNobody() throws IOException {
        RuntimeDirectory directory = directory();
        assertThat(ControlClient.connect(directory)).isEmpty();
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(directory.socket()));
        }
        assertThat(directory.socket()).exists();
        assertThat(ControlClient.connect(directory)).isEmpty();
    }

    @Test
    void aFolderThatOthersCouldUseIsRefused() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory().path())))
                .isEqualTo("rwx------");
        Files.setPosixFilePermissions(
                directory().path(), PosixFilePermissions.fromString("rwxr-x---"));
        assertThatExceptionOfType(TpException.class).isThrownBy(this::directory);
    }

    @Test
    void aLinkIsNoFolder() throws IOException {
        Path target =
                Files.createDirectory(
                        folder.resolve("target"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Files.createSymbolicLink(folder.resolve("tp"), target);
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(this::directory)
                .withMessageContaining("not a folder that only you can use");
    }

    @Test
    void aPathThatNoSocketCanHaveIsNamed() throws IOException {
        Path deep = Files.createDirectory(folder.resolve("d".repeat(100)));
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> RuntimeDirectory.of(Map.of("XDG_RUNTIME_DIR", deep.toString())))
                .withMessageContaining("too long");
    }
}
