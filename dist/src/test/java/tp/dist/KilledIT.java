package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
        // Whoever lost its link may come back: so long the service is not told.
        Laptop.Result shortened =
                laptop.run(
                        Duration.ofMinutes(2),
                        """
                        tp connect && tp quit || exit
                        kubectl -n tp-system set env deploy/tp-manager TP_FLOW_GRACE=1 &&
                            kubectl -n tp-system rollout status deploy/tp-manager --timeout=60s""");
        assertThat(shortened.exit()).as(shortened.output()).isZero();
    }

    @AfterAll
    static void stop() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @ParameterizedTest(name = "{0} killed, {2} over {1}")
    @CsvSource({
        "daemon, port-forward, idle, 7004, 3000",
        "daemon, port-forward, upload, 7004, 3000",
        "daemon, port-forward, download, 7005, 3000",
        "daemon, quic, download, 7005, 13000",
        "manager, port-forward, idle, 7004, 10000",
        "manager, port-forward, upload, 7004, 10000",
        "manager, port-forward, download, 7005, 10000",
        "manager, quic, idle, 7004, 15000",
    })
    void bothPeersSeeAnError(String killed, String transport, String mode, int port, int limit)
            throws Exception {
        Laptop.Result connected = laptop.run("tp quit; tp connect --transport=" + transport);
        assertThat(connected.exit()).as(connected.output()).isZero();
        String script =
                """
                ends() { kubectl logs deploy/tcp-echo | grep -c 'port %2$d: '; }
                before=$(ends)
                $PROBE hold tcp-echo.default %2$d %1$s >$T/held 2>&1 & probe=$!
                until grep -qs going $T/held; do sleep 0.05; kill -0 $probe || { cat $T/held; exit 1; }; done
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

    /**
     * Its return is when its pod is ready again, or another one. Old flows are reset by then, or
     * soon after. No container ends twice, after which it would not be started at once.
     */
    @ParameterizedTest(name = "{0}, over {1}")
    @CsvSource({
        "manager=kill, port-forward",
        "delete, quic",
        "manager=drain, grpc",
        "delete, websocket",
    })
    @Needs(sandbox = "faults")
    void newConnectionsWorkSoonAfterTheManagersReturn(String how, String transport)
            throws Exception {
        Laptop.Result connected = laptop.run("tp quit; tp connect --transport=" + transport);
        assertThat(connected.exit()).as(connected.output()).isZero();
        String script =
                """
                ready() {
                    kubectl -n tp-system get pod -l app.kubernetes.io/name=tp-manager -o jsonpath='{range .items[*]}{.metadata.name}{" "}{.status.containerStatuses[0].containerID}{" "}{.status.containerStatuses[0].ready}{"\\n"}{end}' | grep true
                }
                before=$(ready)
                $PROBE hold tcp-echo.default 7004 idle >$T/held 2>&1 & probe=$!
                until grep -qs going $T/held; do sleep 0.05; kill -0 $probe || { cat $T/held; exit 1; }; done
                %s
                until ready | grep -qv "$before"; do sleep 0.05; done; back=$(date +%%s%%3N)
                until curl -fs -m 1 -o /dev/null verylargejavaservice.default:8080; do
                    [ $(( $(date +%%s%%3N) - back )) -lt 30000 ] || break
                done
                echo "again $(( $(date +%%s%%3N) - back )) ms after"
                wait $probe; tail -1 $T/held; echo "reset $(( $(sed -n 's/.* at //p' $T/held) - back )) ms after"
                tp status --output json | grep -o '"status":"connected"'"""
                        .formatted(how.equals("delete") ? MANAGER : "tp sandbox fault " + how);

        Laptop.Result result = laptop.run(Duration.ofMinutes(2), script);

        System.out.println(how + " over " + transport + ": " + result.output());
        assertThat(result.output())
                .containsPattern("again \\d{1,4} ms after")
                .containsPattern("(reset|Broken pipe|abort).* at ")
                .containsPattern("reset (-\\d+|\\d{1,4}) ms after")
                .contains("\"status\":\"connected\"");
    }

    @Test
    void aConnectWaitsForAManagerThatStartsAnew() throws Exception {
        Laptop.Result connected =
                laptop.run(Duration.ofMinutes(2), "tp quit; " + MANAGER + "; tp connect");

        assertThat(connected.exit()).as(connected.output()).isZero();
        assertThat(connected.output()).contains("not ready yet", "Connected to context");
    }
}
