package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** {@code tp connect --rootless -- COMMAND}: a cluster's network for one program, without root. */
@Needs(
        value = {"socat", "dig", "nft", "kubectl", "setpriv", "nsenter"},
        root = true,
        sandbox = "the form of its kubeconfig, and two with the same ranges")
class RootlessIT {

    /** What a terminal takes for Ctrl-C. */
    private static final char INTERRUPT = 3;

    /** In the place of a program it cannot be executed. */
    private static final Path NOTHING = Path.of("/dev/null");

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir private static Path folder;
    private static final List<Laptop> CLUSTERS = new ArrayList<>();
    private static PlainHost host;

    @BeforeAll
    static void start() throws Exception {
        for (String service : List.of("verylargejavaservice", "dataprocessingservice")) {
            Laptop cluster = Laptop.start();
            CLUSTERS.add(cluster);
            // In each cluster another service has this address.
            Laptop.Result made =
                    cluster.run(
                            """
                            kubectl apply -f - <<END
                            apiVersion: v1
                            kind: Service
                            metadata: {name: which, namespace: default}
                            spec: {clusterIP: 10.96.0.77, selector: {app: %s}, ports: [{port: 80, targetPort: http}]}
                            END
                            """
                                    .formatted(service));
            assertThat(made.exit()).as(made.output()).isZero();
        }
        host = PlainHost.start(folder, CLUSTERS);
        for (String kubeconfig : List.of("k0", "k1")) {
            PlainHost.Result installed =
                    host.user("tp connect --rootless --kubeconfig " + kubeconfig + " -- true");
            assertThat(installed.exit()).as(installed.output()).isZero();
        }
    }

    @AfterAll
    static void stop() {
        if (host != null) {
            host.close();
        }
        CLUSTERS.forEach(Laptop::close);
    }

    /** What one program sees and may do. */
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Inside {

        private Session session;

        @BeforeAll
        void begin() throws IOException {
            session = Session.begin("k0");
        }

        @AfterAll
        void end() throws Exception {
            session.close();
            assertNothingIsLeft();
        }

        @ParameterizedTest(name = "{0}")
        @CsvSource(
                delimiterString = "::",
                textBlock =
                        """
                        page :: curl -fsS -m 10 verylargejavaservice.default:8080 | grep -o '<title>' :: <title>
                        by address :: curl -fsS -m 10 10.96.0.77 | grep -o '<title>' :: <title>
                        refused :: socat - TCP:which.default:81 </dev/null 2>&1 | grep -o 'Connection refused' :: Connection refused
                        dns by UDP :: dig +short which.default.svc.cluster.local :: 10.96.0.77
                        dns by TCP :: dig +tcp +short which.default.svc.cluster.local :: 10.96.0.77
                        no such name :: dig nobody.default.svc.cluster.local | grep -o NXDOMAIN :: NXDOMAIN
                        library :: getent hosts which.default | tr -s ' ' :: 10.96.0.77 which.default
                        UDP :: echo hi | socat -t 5 - UDP:udp-echo.default:7 :: hi
                        nowhere else :: socat - TCP:192.0.2.1:80 </dev/null 2>&1 | grep -o 'Network is unreachable' :: Network is unreachable
                        own uid :: id -u :: 4243
                        own files :: >made; stat -c %u:%g made :: 4243:4243
                        no rights :: grep CapEff /proc/self/status | tr -d '\t' :: CapEff:0000000000000000
                        no more rights :: grep NoNewPrivs /proc/self/status | tr -d '\t' :: NoNewPrivs:1
                        no sudo :: command -v sudo || echo none :: none
                        the folder :: basename $PWD :: home
                        status :: tp status | grep -o 'Status  *: .*' | tr -s ' ' :: Status : Connected
                        """)
        void itIsAPartOfTheCluster(String name, String script, String expected) throws Exception {
            assertThat(session.says(script)).isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = "::",
            textBlock =
                    """
                    exit code :: tp connect --rootless -- sh -c 'exit 7' 2>err; echo "exit $?" :: exit 7
                    streams :: echo typed | tp connect --rootless -- cat 2>err :: typed
                    killed :: tp connect --rootless -- sh -c 'kill -9 $$' 2>err; echo "exit $?" :: exit 137
                    a shell :: x=$(echo 'curl -fsS -m 10 which.default | grep -o "<title>"; exit 5' | SHELL=/bin/sh tp shell 2>err); echo "$x $?" :: <title> 5
                    a signal :: tp connect --rootless -- sh -c 'echo $$ >pid; exec sleep 60' 2>err & tp=$!; until [ -s pid ]; do sleep 0.1; done; kill $tp; wait $tp; echo "exit $?" :: exit 143
                    """)
    void itsStreamsAndExitCodeAreTheCallers(String name, String script, String expected)
            throws Exception {
        assertThat(host.user("rm -f pid; " + script).output()).isEqualTo(expected);
        assertNothingIsLeft();
    }

    @Test
    void theHostIsAsItWas() throws Exception {
        String before = host.picture();
        try (Session session = Session.begin("k0")) {
            assertThat(session.says("curl -fsS -m 10 which.default | grep -o '<title>'"))
                    .isEqualTo("<title>");
            assertThat(host.picture()).isEqualTo(before);
        }
        assertThat(host.picture()).isEqualTo(before);
        assertNothingIsLeft();
    }

    @Test
    void twoClustersWithTheSameAddressesAtOnce() throws Exception {
        String page = "curl -fsS -m 10 10.96.0.77 | grep -o -e '<title>' -e '\"color\"'";
        try (Session one = Session.begin("k0");
                Session other = Session.begin("k1")) {
            assertThat(one.says(page)).isEqualTo("<title>");
            assertThat(other.says(page)).isEqualTo("\"color\"");
            assertThat(one.says(page)).isEqualTo("<title>");
        }
        assertNothingIsLeft();
    }

    @Test
    void besideASessionOfTheWholeHost() throws Exception {
        String tp = folder.resolve("image/bin/tp").toString();
        String root = "export XDG_RUNTIME_DIR=" + folder + "/root HOME=" + folder + "/root; ";
        host.root("ip route del blackhole 10.96.0.0/16; mkdir -m 700 " + folder + "/root");
        String before = host.picture();
        PlainHost.Result whole =
                host.root(root + tp + " connect --kubeconfig " + folder.resolve("k1"));
        assertThat(whole.exit()).as(whole.output()).isZero();
        String during = host.picture();
        String page = "curl -fsS -m 10 which.default | grep -o -e '<title>' -e '\"color\"'";
        try (Session session = Session.begin("k0")) {
            assertThat(session.says(page)).isEqualTo("<title>");
            assertThat(host.root(page).output()).isEqualTo("\"color\"");
            assertThat(host.picture()).isEqualTo(during);
        } finally {
            host.root(root + tp + " quit");
        }
        assertThat(host.picture()).isEqualTo(before);
        host.root("ip route add blackhole 10.96.0.0/16");
    }

    /** The kernel takes a mount away with the file beneath it. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "replaced, mv /etc/next /etc/resolv.conf",
        "missing for a while, rm /etc/resolv.conf; sleep 2; cp /etc/next /etc/resolv.conf",
    })
    void aResolverFileThatIsReplacedIsShownAgain(String name, String replace) throws Exception {
        try (Session session = Session.begin("k0")) {
            host.root("cp /etc/resolv.conf /etc/next; echo '# other' >>/etc/next; " + replace);
            assertThat(
                            session.says(
                                    "timeout 10 sh -c 'until grep -q \"tp session\" /etc/resolv.conf;"
                                            + " do sleep 0.1; done'; getent hosts which.default"
                                            + " | tr -s ' '"))
                    .isEqualTo("10.96.0.77 which.default");
        }
    }

    @Test
    void whereTheDaemonIsKilledConnectionsEndWithAnError() throws Exception {
        try (Session session = Session.begin("k0")) {
            String daemon =
                    session.says(
                            "tp status --output json | tr -d ' \\n'"
                                    + " | sed 's/.*\"user_daemon\":{[^}]*\"pid\":\\([0-9]*\\).*/\\1/'; echo");
            session.type("mkfifo open; (echo up; cat open) | socat - TCP:tcp-echo.default:7 2>&1");
            assertThat(session.line()).isEqualTo("up");

            host.root("kill -9 " + daemon);

            assertThat(session.line()).contains(" E read(");
            host.user(": >open; rm open");
            assertThat(session.says("curl -sS -m 10 10.96.0.77 2>/dev/null; echo $?"))
                    .isEqualTo("7");
            session.type("exit 3");
            assertThat(session.exit()).isEqualTo(3);
        }
        assertNothingIsLeft();
    }

    @Test
    void whereTpIsKilledDaemonAndHelperEnd() throws Exception {
        try (Session session = Session.begin("k0")) {
            host.root("kill -9 " + session.says("echo $PPID"));

            assertNothingIsLeft();
        }
    }

    @Test
    @Needs("script")
    void anInterruptOnTheTerminalIsTheProgramsOwn() throws Exception {
        Process terminal =
                host.beginAsUser(
                        """
                        cat >waits <<'END'
                        trap 'echo caught; exit 5' INT
                        echo waiting
                        while :; do sleep 0.1; done
                        END
                        # Whoever runs this test in the background has interrupts ignored in all below it.
                        timeout 60 env --default-signal=INT,QUIT \
                            script -qec 'exec tp connect --rootless -- sh waits' /dev/null
                        echo "exit $?"
                        """);
        try (BufferedReader screen = terminal.inputReader(StandardCharsets.UTF_8);
                Writer keyboard = terminal.outputWriter(StandardCharsets.UTF_8)) {
            assertThat(screen.lines().anyMatch(line -> line.strip().equals("waiting"))).isTrue();
            keyboard.write(INTERRUPT);
            keyboard.flush();
            assertThat(screen.lines().map(String::strip).filter(line -> !line.isEmpty()).toList())
                    .endsWith("^Ccaught", "exit 5");
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = "::",
            textBlock =
                    """
                    no program :: tp connect --rootless :: 2 :: tp: --rootless is for one program, and none is given; give it and its arguments after `--`, such as `-- bash`
                    a resolver :: tp connect --rootless --dns=resolv.conf -- true :: 2 :: tp: --dns is about this machine's resolver, which --rootless leaves alone; leave out one of them
                    no such program :: tp connect --rootless -- nosuch :: 2 :: tp: cannot run nosuch: No such file or directory; give a program and its arguments after `--`
                    no namespaces :: unshare --user --map-current-user --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --ambient-caps=-all --inh-caps=-all tp connect --rootless -- true' :: 1 :: tp: this host lets no user make namespaces: user.max_user_namespaces is 0; allow it with `sudo sysctl user.max_user_namespaces=16384`, or use `tp connect` for the whole machine
                    no shell either :: unshare --user --map-current-user --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --ambient-caps=-all --inh-caps=-all env SHELL=/bin/sh tp shell' :: 1 :: tp: this host lets no user make namespaces: user.max_user_namespaces is 0; allow it with `sudo sysctl user.max_user_namespaces=16384`, or use `tp connect` for the whole machine
                    """)
    void oneLineSaysWhatToDo(String name, String script, int exit, String line) throws Exception {
        assertRefused(host.user(script), exit, line);
    }

    @Test
    void withoutUnshareOneLineSaysSo() throws Exception {
        assertRefused(
                host.userWith(NOTHING, "/usr/bin/unshare", "tp connect --rootless -- true"),
                1,
                "tp: a session without root needs unshare, which is not in the PATH; install"
                        + " util-linux, or use `tp connect` for the whole machine");
    }

    @Test
    void whereTheDeviceNodeIsClosedOneLineSaysSo() throws Exception {
        assertRefused(
                host.userWith(
                        folder.resolve("tun-closed"),
                        "/dev/net/tun",
                        "tp connect --rootless -- true"),
                1,
                "tp: the device node is not open to this user: open /dev/net/tun: EACCES (access denied);"
                        + " open it to all, as udev does (chmod 666 /dev/net/tun)");
    }

    private static void assertRefused(PlainHost.Result result, int exit, String line)
            throws Exception {
        assertThat(result.output().lines().filter(one -> one.startsWith("tp: ")))
                .containsExactly(line);
        assertThat(result.exit()).isEqualTo(exit);
        assertNothingIsLeft();
    }

    /** Neither a process nor a file of a session that has ended. */
    private static void assertNothingIsLeft() throws Exception {
        awaitProcesses("");
        assertThat(host.user("ls $XDG_RUNTIME_DIR/tp 2>/dev/null").output()).isEmpty();
    }

    /** Waits until no process of the account has a command line with that in it. */
    private static void awaitProcesses(String pattern) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        List<String> left = left(pattern);
        while (!left.isEmpty() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
            left = left(pattern);
        }
        assertThat(left).isEmpty();
    }

    private static List<String> left(String pattern) throws Exception {
        Predicate<String> wanted = Pattern.compile(pattern).asPredicate();
        return host.processes().stream().filter(wanted).toList();
    }

    /** A shell in a session, that is typed to. */
    private static final class Session implements AutoCloseable {

        private final Process process;
        private final Writer keyboard;
        private final BufferedReader screen;

        private Session(Process process) {
            this.process = process;
            keyboard = process.outputWriter(StandardCharsets.UTF_8);
            screen = process.inputReader(StandardCharsets.UTF_8);
        }

        static Session begin(String kubeconfig) throws IOException {
            Session session =
                    new Session(
                            host.beginAsUser(
                                    "tp connect --rootless --kubeconfig "
                                            + kubeconfig
                                            + " -- sh 2>err; exit $?"));
            session.type("echo begun");
            assertThat(session.line()).isEqualTo("begun");
            return session;
        }

        void type(String line) throws IOException {
            keyboard.write(line + "\n");
            keyboard.flush();
        }

        String line() throws IOException {
            return screen.readLine();
        }

        String says(String script) throws IOException {
            type(script);
            return line();
        }

        int exit() throws InterruptedException {
            assertThat(process.waitFor(PATIENCE)).isTrue();
            return process.exitValue();
        }

        @Override
        public void close() throws IOException {
            keyboard.close();
            try {
                exit();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
