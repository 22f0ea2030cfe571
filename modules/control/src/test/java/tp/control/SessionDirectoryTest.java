package tp.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.spi.common.TpException;

/** The folders of sessions of their own. */
class SessionDirectoryTest {

    /** More than a kernel gives (proc_sys_kernel(5): pid_max is 2^22 at most). */
    private static final String ENDED = "rootless-99999999";

    @TempDir private Path folder;

    @Test
    void isBesideTheUsualOneAndFoundByTheEnvironment() {
        RuntimeDirectory own = RuntimeDirectory.forSession(base());

        assertThat(own.path().getParent()).isEqualTo(RuntimeDirectory.of(base()).path());
        assertThat(RuntimeDirectory.of(session(own))).isEqualTo(own);
        assertThat(StateDirectory.of(session(own)).output().getParent()).isEqualTo(own.path());
        assertThat(StateDirectory.of(session(own)).log())
                .isEqualTo(StateDirectory.of(base()).log());
    }

    @Test
    void isNotMadeAgainWhereTheSessionHasEnded() {
        RuntimeDirectory own = RuntimeDirectory.forSession(base());
        own.remove();

        assertThat(own.path()).doesNotExist();
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> RuntimeDirectory.of(session(own)))
                .withMessageContaining("has ended");
        assertThat(own.path()).doesNotExist();
    }

    @Test
    void thoseOfProcessesThatWereKilledAreRemoved() throws IOException {
        Path usual = RuntimeDirectory.of(base()).path();
        Files.createDirectories(usual.resolve(ENDED).resolve("empty"));
        Files.writeString(usual.resolve(ENDED).resolve("resolv.conf.1"), "");
        Files.createDirectories(usual.resolve("rootless-x"));

        RuntimeDirectory.forSession(base());

        assertThat(usual.resolve(ENDED)).doesNotExist();
        assertThat(usual.resolve("rootless-x")).exists();
    }

    private Map<String, String> base() {
        return Map.of("XDG_RUNTIME_DIR", folder.toString(), "XDG_STATE_HOME", folder.toString());
    }

    private Map<String, String> session(RuntimeDirectory own) {
        return Map.of(
                "XDG_RUNTIME_DIR",
                folder.toString(),
                "XDG_STATE_HOME",
                folder.toString(),
                RuntimeDirectory.SESSION,
                own.path().toString());
    }
}
