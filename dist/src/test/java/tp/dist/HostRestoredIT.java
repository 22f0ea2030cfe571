package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.testkit.laptop.Laptop;

/**
 * Promise 3: the host is as before within 2 s, however tp ended; and peers see an error, no end of
 * file.
 */
class HostRestoredIT {

    private static final String PICTURE =
            HostPicture.SHELL
                    + """
                    pid() { tp status --output json | tr -d ' \\n' | sed "s/.*\\"$1\\":{[^}]*\\"pid\\":\\([0-9]*\\).*/\\1/"; }
                    """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void afterQuit() throws Exception {
        assertThat(run("tp quit >/dev/null; as_before").output()).isEqualTo("as before");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user_daemon",
                "root_daemon",
                "user_daemon root_daemon",
                "root_daemon user_daemon"
            })
    void afterKill(String processes) throws Exception {
        String kill =
                "for p in "
                        + processes
                        + "; do pids=\"$pids $(pid $p)\"; done; kill -9 $pids; as_before";

        assertThat(run(kill).output()).isEqualTo("as before");
    }

    @Test
    void aKillInADownloadIsAnErrorForTheReader() throws Exception {
        String script =
                """
                curl -sS -m 20 -o /dev/null 'verylargedatastore.default:8080/bytes?size=100000000000' & curl=$!
                sleep 1; kill -9 $(pid user_daemon); start=$(date +%s%N)
                wait $curl; code=$?; end=$(date +%s%N)
                echo "curl $code"; [ $(( (end - start) / 1000000 )) -le 2000 ] && echo in time; as_before
                """;
        Laptop.Result result = run(script);

        // 56: failure in receiving; 18 would be a transfer that ended early without an error.
        assertThat(result.output()).contains("curl 56", "in time", "as before");
    }

    private static Laptop.Result run(String script) throws InterruptedException {
        return laptop.run(
                Duration.ofMinutes(1),
                PICTURE + "picture >$T/picture.before\ntp connect >/dev/null || exit 1\n" + script);
    }
}
