package tp.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnshareLaunchTest {

    private static final String SAID = "unshare: unshare failed: Operation not permitted";

    @TempDir private Path sysctl;

    @ParameterizedTest
    @CsvSource({
        "kernel/unprivileged_userns_clone, 0, kernel.unprivileged_userns_clone=1",
        "user/max_user_namespaces, 0, user.max_user_namespaces=16384",
        "kernel/apparmor_restrict_unprivileged_userns, 1,"
                + " kernel.apparmor_restrict_unprivileged_userns=0",
    })
    void namesTheSettingThatIsInTheWay(String setting, String value, String command)
            throws IOException {
        set(setting, value);

        assertThat(UnshareLaunch.failure(SAID, sysctl).line())
                .startsWith("this host lets no user make namespaces: ")
                .contains("`sudo sysctl " + command + "`");
    }

    @Test
    void saysWhatUnshareSaidWhereNoSettingIsInTheWay() throws IOException {
        set("user/max_user_namespaces", "1000");
        set("kernel/unprivileged_userns_clone", "1");

        assertThat(UnshareLaunch.failure(SAID, sysctl).line())
                .startsWith("this host lets you make no namespaces: " + SAID);
    }

    @Test
    void tellsAnOldUnshare() {
        assertThat(
                        UnshareLaunch.failure("unshare: unrecognized option '--keep-caps'", sysctl)
                                .line())
                .contains("too old", "util-linux 2.35");
    }

    private void set(String setting, String value) throws IOException {
        Path file = sysctl.resolve(setting);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, value + "\n");
    }
}
