package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.control.ConnectSettings;
import tp.control.ControlServer;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.Request;
import tp.spi.common.TpException;

/** Every command against a daemon that answers as it is told. */
class CommandsTest {

    private static final Reply.Connected SESSION =
            new Reply.Connected(false, "sandbox", "https://192.0.2.1:6443", "default", List.of());

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
                            + " --transport port-forward --endpoint quic://192.0.2.9:30446 --dns resolv.conf";
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
                                        Optional.of("port-forward"),
                                        List.of("quic://192.0.2.9:30446"),
                                        Optional.of("resolv.conf"))));
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
                daemon(new Reply.Connected(true, "c", "s", "n", List.of("names fail")))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("connect", "--", "true")).isZero();
        }
        assertThat(user.asked()).hasSize(1);
        assertThat(err()).startsWith("tp: warning: names fail\nAlready connected to context c");
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
                        User daemon: Running
                          PID               : 12
                          Version           : 0.1
                          Status            : Connected
                          Kubernetes server : https://s
                          Kubernetes context: c
                          Namespace         : default
                          Mapped namespaces : default
                          Manager           : 0.1, session 01234567
                          Transport         : port-forward (round trip 1.5 ms)
                          Not by quic       : failed: no answer
                          Proxy             : ON (networking to the cluster is enabled)
                          Intercepts        : 0 total
                        """);
    }
}
