package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.control.ConnectSettings;
import tp.control.ControlServer;
import tp.control.Finding;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.Request;
import tp.control.StateDirectory;
import tp.control.StatusReport;
import tp.spi.common.TpException;

/** Every command against a daemon that answers as it is told. */
class CommandsTest {

    private static final Reply.Connected SESSION =
            new Reply.Connected(
                    Reply.Found.NOTHING,
                    "sandbox",
                    "https://192.0.2.1:6443",
                    Optional.of("default"),
                    OptionalLong.empty(),
                    List.of());

    @TempDir private Path folder;
    private Invocation user = new Invocation(Path.of(""));

    @BeforeEach
    void sitDown() {
        user = new Invocation(folder);
    }

    private int tp(String... args) {
        return user.tp(args);
    }

    private String out() {
        return user.out();
    }

    private String err() {
        return user.err();
    }

    private ControlServer daemon(Reply... replies) throws IOException {
        return user.daemon(replies);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | tp: no command is given; see `tp --help`",
                "conect | tp: Unmatched argument at index 0: 'conect'; see `tp --help`",
                "connect --what | tp: Unknown option: '--what'; see `tp connect --help`",
                "connect curl | tp: Unmatched argument at index 1: 'curl'; see `tp connect --help`",
                "status --output xml | tp: Invalid value for option '--output': expected one of"
                        + " [text, json, yaml] (case-sensitive) but was 'xml'; see `tp status --help`",
                "status -- ls | tp: `--` introduces a command to run; see `tp connect --help`",
                "install --print --print-rbac | tp: --print and --print-rbac print different things;"
                        + " give one of them",
                "install --transport quic | tp: --for and --transport say which rights are printed;"
                        + " give --print-rbac too, or neither",
                "install --print-rbac --for manager --transport quic | tp: only a user's rights"
                        + " depend on the transport; leave out --transport",
                "connect --agentless --transport quic | tp: --agentless needs no manager, which"
                        + " --transport, --endpoint, --service-account and --manager-namespace are"
                        + " about; leave out one of them",
                "install --print-rbac --for me | tp: Invalid value for option '--for': expected one"
                        + " of [user, installer, manager, agentless] (case-sensitive) but was 'me'; see"
                        + " `tp install --help`",
                "connect -- | tp: `--` introduces a command to run; see `tp connect --help`",
            })
    void wrongUsageIsOneLineAndExitCodeTwo(String args, String line) {
        assertThat(tp(args.isEmpty() ? new String[0] : args.split(" "))).isEqualTo(2);
        assertThat(err()).isEqualTo(line + "\n");
        assertThat(out()).isEmpty();
    }

    @Test
    void connectPassesItsFlagsAndSaysWhereItIs() throws IOException {
        try (ControlServer daemon = daemon(Reply.Progress.step("Connecting …"), SESSION)) {
            assertThat(daemon).isNotNull();
            String flags =
                    "connect --kubeconfig /k --context c -n default --mapped-namespaces default,team-a"
                            + " --service-account tp-client-alice"
                            + " --transport port-forward --endpoint quic://192.0.2.9:30446 --dns resolv.conf"
                            + " --also-proxy 10.9.0.0/16,.corp.example --never-proxy 10.9.1.0/24";
            assertThat(tp(flags.split(" "))).isZero();
        }
        assertThat(out())
                .isEqualTo(
                        "Connecting …\n"
                                + "Connected to context sandbox, namespace default"
                                + " (https://192.0.2.1:6443)\n");
        assertThat(err()).isEmpty();
        assertThat(user.asked())
                .containsExactly(
                        new Request.Connect(
                                new ConnectSettings(
                                        Optional.of("/k"),
                                        Optional.of("c"),
                                        Optional.of("default"),
                                        List.of("default", "team-a"),
                                        new ConnectSettings.Account(
                                                Optional.of("tp-client-alice"), Optional.empty()),
                                        Optional.of("port-forward"),
                                        List.of("quic://192.0.2.9:30446"),
                                        Optional.of("resolv.conf"),
                                        false,
                                        new ConnectSettings.Outside(
                                                List.of("10.9.0.0/16", ".corp.example"),
                                                List.of("10.9.1.0/24")))));
    }

    @Test
    void aCommandsExitCodeIsPassedOnAndItsSessionEnded() throws IOException {
        try (ControlServer daemon = daemon(SESSION)) {
            assertThat(daemon).isNotNull();
            assertThat(tp("connect", "--", "sh", "-c", "exit 7")).isEqualTo(7);
        }
        assertThat(user.asked()).hasSize(2).last().isEqualTo(new Request.Quit());
        assertThat(out()).isEmpty();
    }

    @Test
    void aSessionThatWasThereBeforeTheCommandStays() throws IOException {
        try (ControlServer daemon =
                daemon(
                        new Reply.Connected(
                                Reply.Found.THE_SAME,
                                "c",
                                "s",
                                Optional.empty(),
                                OptionalLong.empty(),
                                List.of("names fail")))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("connect", "--", "true")).isZero();
        }
        assertThat(user.asked()).hasSize(1);
        assertThat(err()).startsWith("tp: warning: names fail\nAlready connected to context c (s)");
    }

    @ParameterizedTest
    @CsvSource({
        "NOTHING, Connected",
        "ANOTHER_MAPPING, 'Mapping changed, connected'",
        "ANOTHER_TRANSPORT, 'Transport changed, connected'",
        "ANOTHER_MAPPING_AND_TRANSPORT, 'Mapping and transport changed, connected'",
    })
    void oneLineSaysWhatAConnectChanged(Reply.Found found, String words) throws IOException {
        try (ControlServer daemon =
                daemon(
                        new Reply.Connected(
                                found,
                                "c",
                                "s",
                                Optional.empty(),
                                OptionalLong.empty(),
                                List.of()))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("connect")).isZero();
        }
        assertThat(out()).isEqualTo(words + " to context c (s)\n");
    }

    @Test
    void flowsAreATableOrADocument() throws IOException {
        assertThat(tp("flows")).isZero();
        var none = new Reply.Flows(List.of(), false);
        var first = new Reply.Flows(List.of(Invocation.flow("tcp", 90_061_000, 1_536)), true);
        var second = new Reply.Flows(List.of(Invocation.flow("udp", 61_000, 0)), false);
        for (List<Reply> answer : List.of(List.<Reply>of(none), List.<Reply>of(first, second))) {
            try (ControlServer daemon = daemon(answer.toArray(Reply[]::new))) {
                assertThat(daemon).isNotNull();
                assertThat(tp("flows")).isZero();
                assertThat(tp("flows", "-o", "json")).isZero();
            }
        }
        assertThat(out())
                .isEqualTo(
                        """
                        Not connected
                        No flows
                        {"flows":[]}
                        PROTOCOL  STATE    FROM        TO                  SENT     RECEIVED  KEPT  AGE
                        tcp       waiting  10.0.0.1:2  web (10.96.0.1:80)  1.5 KiB  3.0 GiB   7 B   25h1m
                        udp       waiting  10.0.0.1:2  web (10.96.0.1:80)  0 B      3.0 GiB   7 B   1m1s
                        {"flows":[{"protocol":"tcp","state":"waiting","source":"10.0.0.1:2","destination":"10.96.0.1:80","name":"web","age_ms":90061000,"sent_bytes":1536,"received_bytes":3221225472,"retained_bytes":7},{"protocol":"udp","state":"waiting","source":"10.0.0.1:2","destination":"10.96.0.1:80","name":"web","age_ms":61000,"sent_bytes":0,"received_bytes":3221225472,"retained_bytes":7}]}
                        """);
    }

    @Test
    void whoWatchesFlowsSeesThemUntilItIsEnough() {
        AtomicInteger pauses = new AtomicInteger();
        assertThat(user.watch(() -> pauses.incrementAndGet() < 3)).isZero();
        assertThat(out()).isEqualTo("Not connected\n\n".repeat(3));
    }

    @Test
    void whoWatchesFlowsIsNotWatchedByNobody() {
        AtomicInteger pauses = new AtomicInteger();
        user.without("Broken pipe", true).watch(() -> pauses.incrementAndGet() < 3);
        assertThat(pauses.get()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"status, User daemon: Not running", "flows, Not connected"})
    void aDaemonThatEndsBeforeItAnswersIsOneThatDoesNotRun(String command, String said)
            throws IOException {
        try (ControlServer daemon = user.daemonThatEnds()) {
            assertThat(daemon).isNotNull();
            assertThat(tp(command)).isZero();
        }
        assertThat(out()).contains(said);
        assertThat(err()).isEmpty();
    }

    @Test
    void anInterceptIsMadeListedAndLeft() throws IOException {
        Reply made = new Reply.Intercepted(new StatusReport.Intercept("web", "pay"), false);
        try (ControlServer daemon = daemon(made)) {
            assertThat(daemon).isNotNull();
            assertThat(tp("intercept", "web", "--namespace", "pay", "--local-only")).isZero();
        }
        try (ControlServer daemon = daemon(new Reply.Status(Invocation.report()))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("list")).isZero();
        }
        try (ControlServer daemon = daemon(new Reply.Done())) {
            assertThat(daemon).isNotNull();
            assertThat(tp("leave", "web")).isZero();
        }
        assertThat(out())
                .matches(
                        """
                        Using namespace pay for names without one, until `tp leave web`
                        NAME +NAMESPACE
                        web +pay
                        Left web
                        """);
        assertThat(user.asked())
                .containsExactly(
                        new Request.Intercept("web", Optional.of("pay")),
                        new Request.Status(),
                        new Request.Leave("web"));
    }

    @Test
    void withoutASessionThereIsNothingToInterceptOrLeave() {
        assertThat(tp("intercept", "web", "--local-only")).isEqualTo(1);
        assertThat(tp("leave", "web")).isEqualTo(1);
        assertThat(tp("list")).isZero();
        assertThat(tp("intercept", "web")).isEqualTo(2);
        assertThat(out()).isEqualTo("Not connected\n");
        assertThat(err())
                .isEqualTo(
                        "tp: this machine is not connected; run `tp connect` first\n".repeat(2)
                                + "tp: tp does not bring the cluster's traffic to this machine; give"
                                + " --local-only to use the names of a namespace without it\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shell", "connect --rootless -- true"})
    void whoeverWantsASessionWithoutRootIsToldInItsOwnWords(String args) {
        assertThat(user.with("PATH", "").tp(args.split(" "))).isEqualTo(1);
        assertThat(err())
                .isEqualTo(
                        "tp: a session without root needs unshare, which is not in the PATH; install"
                                + " util-linux, or use `tp connect` for the whole machine\n");
    }

    @ParameterizedTest
    @CsvSource({"USAGE, 2", "ENVIRONMENT, 1", "TRANSIENT, 1", "BUG, 1"})
    void aFailureIsOneLineAndItsCategoryTheExitCode(TpException.Category category, int code)
            throws IOException {
        try (ControlServer daemon = daemon(new Reply.Failed(category, "no", "do", "trace"))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("connect")).isEqualTo(code);
            assertThat(err()).isEqualTo("tp: no; do\n");
            assertThat(tp("connect", "--debug")).isEqualTo(code);
            assertThat(err()).contains("trace");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "status | No space left on device | false | 1",
                "--help | No space left on device | false | 1",
                "status --output json | Broken pipe | true | 0",
            })
    void whatCannotBePrintedIsSaidUnlessItsReaderHasLeft(
            String args, String reason, boolean hasReader, int code) {
        assertThat(user.without(reason, hasReader).tp(args.split(" "))).isEqualTo(code);
        assertThat(err())
                .isEqualTo(
                        hasReader
                                ? ""
                                : "tp: cannot print: " + reason + "; send the output elsewhere\n");
    }

    @Test
    void whereNothingRunsEveryQuestionHasAnAnswer() {
        assertThat(tp("status")).isZero();
        assertThat(tp("quit", "-s")).isZero();
        assertThat(tp("version")).isZero();
        assertThat(out())
                .startsWith("Root daemon: Not running\nUser daemon: Not running\nNot connected\ntp")
                .contains("Manager    : not connected");
        assertThat(err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"quit", "quit -s", "quit --stop-daemons"})
    void quitWaitsForTheEnd(String quit) throws IOException {
        try (ControlServer daemon = daemon(new Reply.Done())) {
            assertThat(daemon).isNotNull();
            assertThat(tp(quit.split(" "))).isZero();
        }
        assertThat(user.asked()).containsExactly(new Request.Quit());
        assertThat(out()).isEqualTo("tp daemon quitting...done\n");
    }

    @Test
    void pluginsAreATable() throws IOException {
        try (ControlServer daemon =
                daemon(
                        new Reply.Plugins(
                                List.of(
                                        new PluginEntry(
                                                "dns",
                                                "resolv.conf",
                                                "tp.dns",
                                                "1",
                                                "usable",
                                                "always"))))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("plugins")).isZero();
        }
        assertThat(out().lines())
                .hasSize(2)
                .last()
                .asString()
                .matches("dns +resolv.conf +usable +tp.dns +1 +always");
    }

    @Test
    void doctorTellsWhatToDoAndFailsWhereSomethingDoes() throws IOException {
        List<Finding> findings =
                List.of(
                        new Finding("device", Finding.Verdict.WORKS, "tp1 was made", ""),
                        new Finding("rights", Finding.Verdict.FAILS, "none", "ask for them"));
        try (ControlServer daemon = daemon(new Reply.Examined(findings))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("doctor")).isEqualTo(1);
        }
        assertThat(out().lines())
                .containsExactly(
                        "works   device  tp1 was made",
                        "FAILS   rights  none; ask for them",
                        "1 of 2 things that tp needs do not work");
    }

    @Test
    void gatheredLogsAreOneArchiveWithoutSecrets() throws IOException {
        StateDirectory state = StateDirectory.of(Map.of("XDG_STATE_HOME", folder.toString()));
        state.prepare();
        Files.writeString(state.log(), "a line\nAuthorization: Bearer abcdef0123456789\n");
        Path archive = folder.resolve("logs.zip");

        assertThat(tp("gather-logs", "--file", archive.toString())).as(err()).isZero();
        assertThat(out()).isEqualTo("Wrote " + archive + "\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)))
                .isEqualTo("rw-------");
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            assertThat(text(zip, "daemon.log"))
                    .isEqualTo("a line\nAuthorization: Bearer <masked>\n");
            assertThat(text(zip, "daemon.log.1")).isEqualTo("there is none\n");
            assertThat(text(zip, "status.json")).contains("\"status\":\"not_connected\"");
            assertThat(text(zip, "machine.txt")).startsWith("tp ");
        }

        assertThat(tp("gather-logs", "--file", archive.toString())).isEqualTo(2);
        assertThat(err()).contains("is there already; remove it");
    }

    @Test
    void halfAnArchiveDoesNotStay() {
        Path archive = folder.resolve("logs.zip");
        assertThatThrownBy(
                        () ->
                                GatherLogsCommand.write(
                                        archive,
                                        Map.of(
                                                "a",
                                                () -> {
                                                    throw new OutOfMemoryError();
                                                })))
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(archive).doesNotExist();
    }

    private static String text(ZipFile zip, String name) throws IOException {
        try (InputStream in = zip.getInputStream(zip.getEntry("tp-logs/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void statusForPeopleHoldsTheSameFacts() throws IOException {
        try (ControlServer daemon = daemon(new Reply.Status(Invocation.report()))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("status")).isZero();
        }
        assertThat(out())
                .isEqualTo(
                        """
                        Root daemon: Running
                          PID               : 11
                          Version           : 0.1
                          Device            : tp01234567
                          DNS               : resolv.conf, server 100.127.1.2
                          DNS domains       : cluster.local
                          Not by systemd-resolved: failed: it does not ask tp
                          Subnets           : 10.96.0.0/16
                          Not routed        : 10.0.0.0/24: a route of this host
                          Virtual           : 4 addresses of 198.18.0.0/16
                        User daemon: Running
                          PID               : 12
                          Version           : 0.1
                          Status            : Connected
                          Kubernetes server : https://s
                          Kubernetes context: c
                          Namespace         : default
                          Mapped namespaces : default, pay
                          In the cluster    : pay is pay-2
                          Manager           : 0.1, session 01234567
                          Transport         : port-forward (round trip 1.5 ms)
                          Not by quic       : failed: no answer
                          Ping              : not answered: no socket
                          Flows             : 3 open, 1 of them waiting for a link
                          Went on           : 8 times a flow, after its link was lost or left
                          Reset flows       : 9, because the manager was restarted
                          Reset flows       : 10, because the manager kept them no longer
                          Proxy             : ON (networking to the cluster is enabled)
                          Intercepts        : 1 total
                          Intercept         : web, namespace pay
                        """);
    }
}
