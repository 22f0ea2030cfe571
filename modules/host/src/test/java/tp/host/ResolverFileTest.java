package tp.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.os.ProcessIdentity;
import tp.os.UnixSocket;

/** The states of one file, with several sessions, other programs and lost journals. */
class ResolverFileTest {

    private static final String A = "aaaaaaaa";
    private static final String B = "bbbbbbbb";

    @TempDir private Path directory;
    private Path etc;
    private Path path;
    private StateDirectory state;
    private Restoration restoration;

    @BeforeEach
    void prepare() throws IOException {
        etc = Files.createDirectory(directory.resolve("etc"));
        path = etc.resolve("resolv.conf");
        state = StateDirectory.open(directory.resolve("state"));
        restoration = new Restoration(state, path);
    }

    private void apply(String session, String content) throws IOException {
        ProcessIdentity nobody = new ProcessIdentity(1, -1);
        if (!state.sessions().contains(session)) {
            state.write(session, new Journal(nobody, nobody));
        }
        new ResolverFile(path, session)
                .apply(
                        content,
                        recorded(session),
                        original -> record(session, Optional.of(original)));
    }

    private boolean recorded(String session) throws IOException {
        try {
            return state.read(session).orElseThrow().resolver().isPresent();
        } catch (FieldReader.MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private void record(String session, Optional<ResolverOriginal> original) throws IOException {
        try {
            state.write(session, state.read(session).orElseThrow().with(original));
        } catch (FieldReader.MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private void original(String kind) throws IOException {
        switch (kind) {
            case "file" -> {
                Files.writeString(path, "nameserver 192.0.2.1\n");
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
                Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000_000_000L));
            }
            case "link" -> Files.createSymbolicLink(path, Path.of("../run/stub"));
            default -> assertThat(kind).isEqualTo("none");
        }
    }

    /** All there is, with kinds, modes and times. */
    private String snapshot() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(etc)) {
            for (Path file : files.sorted().toList()) {
                text.append(file.getFileName());
                if (Files.isSymbolicLink(file)) {
                    text.append(" -> ").append(Files.readSymbolicLink(file));
                } else {
                    text.append(Files.readAttributes(file, "unix:mode,uid,gid,lastModifiedTime"));
                    text.append(Files.readString(file));
                }
            }
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "link", "none"})
    void comesBackExactly(String kind) throws IOException {
        original(kind);
        String before = snapshot();
        apply(A, "nameserver 10.254.7.2\n");
        assertThat(Files.readAllLines(path)).hasSize(2).contains("nameserver 10.254.7.2");
        assertThat(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        apply(A, "nameserver 10.254.7.3\n");
        assertThat(Files.readString(path)).contains("10.254.7.3").doesNotContain("10.254.7.2");
        assertThat(restoration.end(A)).isEmpty();
        assertThat(snapshot()).isEqualTo(before);
        assertThat(state.sessions()).isEmpty();
    }

    /** Where the original cannot be moved; here because its place is taken. */
    @ParameterizedTest
    @ValueSource(strings = {"file", "link"})
    void comesBackExactlyWithoutAnExchange(String kind) throws IOException {
        original(kind);
        String before = snapshot();
        apply(A, "nameserver 10.254.7.2\n");
        Files.delete(new ResolverFile(path, A).aside());
        assertThat(restoration.end(A)).isEmpty();
        assertThat(snapshot()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "link", "none"})
    void staysAsAnotherProgramWroteIt(String kind) throws IOException {
        original(kind);
        apply(A, "nameserver 10.254.7.2\n");
        Files.delete(path);
        Files.writeString(path, "nameserver 198.51.100.1\n");
        String theirs = Files.readString(path);
        assertThat(restoration.end(A)).singleElement().asString().contains("another program");
        assertThat(Files.readString(path)).isEqualTo(theirs);
        assertThat(etc).isDirectoryContaining("glob:**resolv.conf");
        assertThat(etc.toFile().list()).hasSize(1);
    }

    /** Killed between the journal and the change. */
    @Test
    void comesBackWhereTheChangeWasOnlyRecorded() throws IOException {
        original("file");
        String before = snapshot();
        ProcessIdentity nobody = new ProcessIdentity(1, -1);
        state.write(A, new Journal(nobody, nobody));
        assertThatThrownBy(
                        () ->
                                new ResolverFile(path, A)
                                        .apply(
                                                "nameserver 10.254.7.2\n",
                                                false,
                                                original -> {
                                                    record(A, Optional.of(original));
                                                    throw new IllegalStateException("killed");
                                                }))
                .hasMessage("killed");
        assertThat(snapshot()).isNotEqualTo(before);
        assertThat(restoration.end(A)).isEmpty();
        assertThat(snapshot()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "file, true",
        "file, false",
        "link, true",
        "link, false",
        "none, true",
        "none, false"
    })
    void twoSessionsEndInEitherOrder(String kind, boolean firstEndsFirst) throws IOException {
        original(kind);
        String before = snapshot();
        apply(A, "nameserver 10.254.7.2\n");
        apply(B, "nameserver 10.254.8.2\n");
        assertThat(restoration.end(firstEndsFirst ? A : B)).isEmpty();
        assertThat(Files.readString(path))
                .contains(firstEndsFirst ? "nameserver 10.254.8.2" : "nameserver 10.254.7.2");
        assertThat(restoration.end(firstEndsFirst ? B : A)).isEmpty();
        assertThat(snapshot()).isEqualTo(before);
    }

    /** Its names have changed, or the host's resolver; the later one is on top all the same. */
    @ParameterizedTest
    @CsvSource({
        "file, true",
        "file, false",
        "link, true",
        "link, false",
        "none, true",
        "none, false"
    })
    void whatTheFirstOfTwoSessionsWritesAnewDestroysNothing(String kind, boolean firstEndsFirst)
            throws IOException {
        original(kind);
        String before = snapshot();
        apply(A, "nameserver 10.254.7.2\n");
        apply(B, "nameserver 10.254.8.2\n");
        apply(A, "nameserver 10.254.7.3\n");
        assertThat(Files.readString(path)).contains("nameserver 10.254.8.2");
        assertThat(restoration.end(firstEndsFirst ? A : B)).isEmpty();
        assertThat(Files.readString(path))
                .contains(firstEndsFirst ? "nameserver 10.254.8.2" : "nameserver 10.254.7.3");
        assertThat(restoration.end(firstEndsFirst ? B : A)).isEmpty();
        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void aSessionThatLivesHasOneHelperOnly() throws Exception {
        original("file");
        ProcessIdentity me = ProcessIdentity.current();
        Journal journal = new Journal(me, me).with(Journal.Effect.LINK_NAMES);
        state.write(A, journal);

        Path socket = directory.resolve("socket");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            try (UnixSocket connection = UnixSocket.connect(socket)) {
                assertThatThrownBy(() -> new Helper(A, me, state, path).serve(connection))
                        .hasMessage("there is a session aaaaaaaa already");
            }
        }
        assertThat(state.read(A)).contains(journal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "link", "none"})
    void aLossOfPowerTakesTheJournalsAndNotTheOriginal(String kind) throws IOException {
        original(kind);
        String before = snapshot();
        apply(B, "nameserver 10.254.7.2\n");
        apply(A, "nameserver 10.254.8.2\n");
        assertThat(restoration.forgotten()).isEmpty();
        state.delete(A);
        state.delete(B);
        assertThat(restoration.forgotten()).isNotEmpty();
        assertThat(snapshot()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "7, false", "-1, true", "-9, false"})
    void aHalfWrittenOrDamagedJournalIsSaidAndDiscarded(int cut, boolean flip) throws IOException {
        original("file");
        apply(A, "nameserver 10.254.7.2\n");
        Path journal = directory.resolve("state").resolve(A).resolve("journal");
        byte[] bytes = Files.readAllBytes(journal);
        if (flip) {
            bytes[bytes.length / 2] ^= 1;
            Files.write(journal, bytes);
        } else {
            Files.write(journal, Arrays.copyOf(bytes, cut < 0 ? bytes.length + cut : cut));
        }
        assertThat(restoration.endStale()).singleElement().asString().contains("unreadable");
        assertThat(restoration.forgotten()).hasSize(1);
        assertThat(Files.readString(path)).isEqualTo("nameserver 192.0.2.1\n");
    }
}
