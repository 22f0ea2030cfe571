package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/**
 * Thousands of flows of one client, and hundreds of clients of one manager: all of them work, and
 * memory stays where it has to. What one client may take from others is SharesTest's subject.
 */
@Needs("kubectl")
class ManyFlowsIT {

    private static final int IDLE = 5_000;
    private static final int ACTIVE = 1_000;
    private static final int CLIENTS = 200;
    private static final int SECONDS = 15;

    /** Its most at any time (proc_pid_status(5), VmHWM), and now. */
    private static final Pattern MEMORY = Pattern.compile("most (\\d+) kB, now (\\d+) kB");

    /** MiB; of the daemon 512 are for the heap alone, of the manager 128 and as much beside it. */
    private static final int DAEMON_MIB = 700;

    private static final int MANAGER_MIB = 400;

    private static final String SHELL =
            """
            uid=$(kubectl -n tp-system get cm tp-manager-info -o jsonpath='{.data.uid}')
            pin=$(kubectl -n tp-system get cm tp-manager-info -o jsonpath='{.data.spki-sha256}')
            echo=$(kubectl get pods -l app=tcp-echo -o jsonpath='{.items[0].status.podIP}')
            memory() {
                awk '/VmHWM/ {most = $2} /VmRSS/ {now = $2} END {print "most " most " kB, now " now " kB"}' /proc/$1/status
            }
            daemon() { tp status --output json | sed 's/.*"user_daemon":{[^}]*"pid":\\([0-9]*\\).*/\\1/'; }
            # The last is the program, the first what put it into its container.
            manager() { pgrep -f tp.manager/tp.manager.Main | tail -1; }
            """;

    private static Laptop laptop;

    @BeforeAll
    static void connect() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        laptop.run("export PEER_PATH='" + System.getProperty("java.class.path") + "'");
        Laptop.Result connected = laptop.run("tp connect");
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @AfterAll
    static void quit() throws Exception {
        laptop.run("tp quit");
        laptop.close();
    }

    @Test
    void fiveThousandIdleFlowsAndAThousandActiveOnes() throws Exception {
        Laptop.Result said =
                laptop.run(
                        Duration.ofMinutes(3),
                        SHELL
                                + """
                                $PROBE crowd $echo 7 %d %d %d
                                echo "daemon $(memory $(daemon))"
                                echo "manager $(memory $(manager))"
                                """
                                        .formatted(IDLE, ACTIVE, SECONDS));

        System.out.println(said.output());
        assertThat(said.output())
                .contains(IDLE + " of " + IDLE + " idle right")
                .contains(ACTIVE + " of " + ACTIVE + " active right");
        assertThat(mebibytes("daemon", said.output())).isLessThan(DAEMON_MIB);
        assertThat(mebibytes("manager", said.output())).isLessThan(MANAGER_MIB);
    }

    @Test
    void twoHundredClientsOfOneManager() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Laptop.Result said =
                laptop.run(
                        Duration.ofMinutes(3),
                        SHELL
                                + """
                                kubectl -n tp-system port-forward deploy/tp-manager 18443:8443 >$T/forward 2>&1 &
                                forward=$!
                                until grep -qs Forwarding $T/forward; do kill -0 $forward || exit 1; sleep 0.1; done
                                kubectl -n tp-system create token tp-client --audience tp-manager/$uid |
                                    %s --enable-native-access=ALL-UNNAMED -cp "$PEER_PATH" tp.dist.Crowd 18443 $pin $echo:7 %d 5 2>&1 |
                                    grep -v "^WARNING"
                                kill $forward
                                echo "manager $(memory $(manager))"
                                """
                                        .formatted(java, CLIENTS));

        System.out.println(said.output());
        assertThat(said.output())
                .contains(CLIENTS + " clients, " + 5 * CLIENTS + " of " + 5 * CLIENTS + " flows");
        assertThat(mebibytes("manager", said.output())).isLessThan(MANAGER_MIB);
    }

    private static int mebibytes(String process, String output) {
        Matcher memory = MEMORY.matcher(output.substring(output.indexOf(process + " most ")));
        assertThat(memory.find()).as(output).isTrue();
        return Integer.parseInt(memory.group(1)) / 1024;
    }
}
