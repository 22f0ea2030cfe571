package tp.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void seesAProcessEndAlsoBeforeItIsWaitedFor() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "60").start();
        ProcessIdentity identity = ProcessIdentity.of(sleeper.pid()).orElseThrow();
        assertThat(identity.isAlive()).isTrue();
        assertThat(ProcessIdentity.parentOf(sleeper.pid()))
                .isEqualTo(ProcessHandle.current().pid());
        try (Processes.ProcessWatch watch = Processes.watch(identity)) {
            assertThat(watch.awaitEnd(Duration.ofMillis(20))).isFalse();
            sleeper.destroyForcibly();
            assertThat(watch.awaitEnd(LONG)).isTrue();
        }
        assertThat(identity.isAlive()).isFalse();
        assertThatThrownBy(() -> Processes.watch(identity)).hasMessageContaining("ESRCH");
    }

    @Test
    void aNumberWithAnotherStartTimeIsAnotherProcess() {
        ProcessIdentity me = ProcessIdentity.current();
        assertThat(me.isAlive()).isTrue();
        assertThat(new ProcessIdentity(me.pid(), me.startTicks() + 1).isAlive()).isFalse();
    }

    @Test
    void exchangesAFileAndALinkInOneStep(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "text");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("elsewhere"));
        Processes.exchange(file, link);
        assertThat(Files.readString(link)).isEqualTo("text");
        assertThat(Files.readSymbolicLink(file)).hasToString("elsewhere");
        assertThatThrownBy(() -> Processes.exchange(file, directory.resolve("none")))
                .isInstanceOfSatisfying(
                        OsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }

    @Test
    void knowsItsUser() {
        assertThat(Processes.userId()).isEqualTo(Processes.effectiveUserId());
    }
}
