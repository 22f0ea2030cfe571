package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * Whatever of tp is killed, both peers of an open flow see an error in time, and never an end of
 * file: half a download must not look like a whole one. Over TCP the kernel of who was killed tells
 * the other side; over UDP only silence does.
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
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
    }

    @AfterAll
    static void stop() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @ParameterizedTest(name = "{0} killed, {2} over {1}")
    @CsvSource({
        "daemon, port-forward, idle, 7004, 2000",
        "daemon, port-forward, upload, 7004, 2000",
        "daemon, port-forward, download, 7005, 2000",
        "daemon, quic, download, 7005, 12000",
        "manager, port-forward, idle, 7004, 2000",
        "manager, port-forward, upload, 7004, 2000",
        "manager, port-forward, download, 7005, 2000",
        "manager, quic, idle, 7004, 12000",
    })
    void bothPeersSeeAnError(String killed, String transport, String mode, int port, int limit)
            throws Exception {
        assertThat(laptop.run("tp quit; tp connect --transport=" + transport).exit()).isZero();
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
                    sleep 0.1; [ $(( $(date +%%s%%3N) - killed )) -lt %4$d ] || break
                done
                kubectl logs deploy/tcp-echo | grep 'port %2$d: ' | tail -1
                ended=$(sed -n 's/.* at //p' $T/held)
                echo "the program knew $((ended - killed)) ms, the service at most $(( $(date +%%s%%3N) - killed )) ms later"
                [ $((ended - killed)) -le %5$d ] && [ $(ends) -gt $before ] && echo in time
                """
                        .formatted(
                                mode,
                                port,
                                killed.equals("daemon") ? DAEMON : MANAGER,
                                limit + 1_000,
                                limit);

        Laptop.Result result = laptop.run(Duration.ofSeconds(40), script);

        System.out.println(
                killed + " killed, " + mode + " over " + transport + ": " + result.output());
        assertThat(result.output())
                .contains("in time")
                .doesNotContain("end of file")
                .containsPattern("(reset|Broken pipe|abort).* at ")
                .containsPattern("port " + port + ": (Connection reset|Broken pipe)");
    }
}
