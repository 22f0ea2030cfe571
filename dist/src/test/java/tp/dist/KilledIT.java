package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever of tp is killed, both peers of an open flow see an error within 2 s, and never an end of
 * file: half a download must not look like a whole one.
 */
@Needs("kubectl")
class KilledIT {

    private static final String DAEMON =
            "kill -9 $(tp status --output json | sed 's/.*\"user_daemon\":{[^}]*\"pid\":\\([0-9]*\\).*/\\1/')";
    private static final String MANAGER =
            "kubectl -n tp-system delete pod -l app.kubernetes.io/name=tp-manager --force --grace-period=0 --wait=false 2>/dev/null";

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
    }

    @AfterAll
    static void stop() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @ParameterizedTest(name = "{0} killed, {1}")
    @CsvSource({
        "daemon, idle, 7004",
        "daemon, upload, 7004",
        "daemon, download, 7005",
        "manager, idle, 7004",
        "manager, upload, 7004",
        "manager, download, 7005",
    })
    void bothPeersSeeAnError(String killed, String mode, int port) throws Exception {
        assertThat(laptop.run("tp quit; tp connect").exit()).isZero();
        String script =
                """
                ends() { kubectl logs deploy/tcp-echo | grep -c 'port %2$d: '; }
                before=$(ends)
                $PROBE hold tcp-echo.default %2$d %1$s >$T/held 2>&1 & probe=$!
                until grep -q going $T/held; do sleep 0.05; kill -0 $probe || { cat $T/held; exit 1; }; done
                %3$s
                killed=$(date +%%s%%3N)
                wait $probe; tail -1 $T/held
                until [ $(ends) -gt $before ]; do
                    sleep 0.1; [ $(( $(date +%%s%%3N) - killed )) -lt 3000 ] || break
                done
                kubectl logs deploy/tcp-echo | grep 'port %2$d: ' | tail -1
                ended=$(sed -n 's/.* at //p' $T/held)
                echo "the program knew $((ended - killed)) ms, the service at most $(( $(date +%%s%%3N) - killed )) ms later"
                [ $((ended - killed)) -le 2000 ] && [ $(ends) -gt $before ] && echo in time
                """
                        .formatted(mode, port, killed.equals("daemon") ? DAEMON : MANAGER);

        Laptop.Result result = laptop.run(Duration.ofSeconds(40), script);

        System.out.println(killed + " killed, " + mode + ": " + result.output());
        assertThat(result.output())
                .contains("in time")
                .doesNotContain("end of file")
                .containsPattern("(reset|Broken pipe|abort).* at ")
                .containsPattern("port " + port + ": (Connection reset|Broken pipe)");
    }
}
