package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tp.control.ConnectSettings;
import tp.control.ControlServer;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.Request;
import tp.control.RuntimeDirectory;
import tp.control.StatusReport;
import tp.spi.common.TpException;

/** Every command against a daemon that answers as it is told. */
class CommandsTest {

    private static final Reply.Connected SESSION =
            new Reply.Connected(false, "sandbox", "https://192.0.2.1:6443", "default", List.of());

    /** A row of the table: key, type, meaning. */
    private static final Pattern DOCUMENTED = Pattern.compile("\\| `(\\w+)` \\|[^|]*\\|(.*)\\|");

    @TempDir private Path folder;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Request> asked = new ArrayList<>();

    private int tp(String... args) {
        Map<String, String> environment =
                Map.of("XDG_RUNTIME_DIR", folder.toString(), "XDG_STATE_HOME", folder.toString());
        Terminal terminal =
                new Terminal(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        return Main.run(args, environment, terminal);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private ControlServer daemon(Reply... replies) throws IOException {
        return ControlServer.start(
                RuntimeDirectory.of(Map.of("XDG_RUNTIME_DIR", folder.toString())),
                (request, sink) -> {
                    asked.add(request);
                    List.of(replies).forEach(sink);
                });
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
                        + " [text, json] (case-sensitive) but was 'xml'; see `tp status --help`",
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
        try (ControlServer daemon = daemon(new Reply.Progress("Connecting …"), SESSION)) {
            assertThat(daemon).isNotNull();
            String flags =
                    "connect --kubeconfig /k --context c -n default --mapped-namespaces default,team-a"
                            + " --transport port-forward --dns resolv.conf";
            assertThat(tp(flags.split(" "))).isZero();
        }
        assertThat(out())
                .isEqualTo(
                        "Connecting …\n"
                                + "Connected to context sandbox, namespace default"
                                + " (https://192.0.2.1:6443)\n");
        assertThat(asked)
                .containsExactly(
                        new Request.Connect(
                                new ConnectSettings(
                                        Optional.of("/k"),
                                        Optional.of("c"),
                                        Optional.of("default"),
                                        List.of("default", "team-a"),
                                        Optional.of("port-forward"),
                                        Optional.of("resolv.conf"))));
    }

    @Test
    void aCommandsExitCodeIsPassedOnAndItsSessionEnded() throws IOException {
        try (ControlServer daemon = daemon(SESSION)) {
            assertThat(daemon).isNotNull();
            assertThat(tp("connect", "--", "sh", "-c", "exit 7")).isEqualTo(7);
        }
        assertThat(asked).hasSize(2).last().isEqualTo(new Request.Quit());
        assertThat(out()).isEmpty();
    }

    @Test
    void aSessionThatWasThereBeforeTheCommandStays() throws IOException {
        try (ControlServer daemon =
                daemon(new Reply.Connected(true, "c", "s", "n", List.of("names fail")))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("connect", "--", "true")).isZero();
        }
        assertThat(asked).hasSize(1);
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
        assertThat(asked).containsExactly(new Request.Quit());
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

    private static StatusReport report() {
        return new StatusReport(
                new StatusReport.DaemonState(true, OptionalLong.of(11), "0.1"),
                new StatusReport.DaemonState(true, OptionalLong.of(12), "0.1"),
                StatusReport.SessionState.CONNECTED,
                new StatusReport.Cluster("https://s", "c", "default", List.of("default")),
                new StatusReport.Dns("resolv.conf", "100.127.1.2", List.of("cluster.local"), ""),
                new StatusReport.Routes(
                        "tp01234567",
                        List.of("10.96.0.0/16"),
                        List.of(new StatusReport.Skipped("10.0.0.0/24", "a route of this host"))),
                new StatusReport.Link(
                        "port-forward",
                        OptionalLong.of(1_500_000),
                        "01234567",
                        "0.1",
                        0,
                        Optional.empty()),
                new StatusReport.Traffic(3, 2, 1),
                0);
    }

    @Test
    void statusForProgramsHasStableKeys() throws IOException {
        try (ControlServer daemon = daemon(new Reply.Status(report()))) {
            assertThat(daemon).isNotNull();
            assertThat(tp("status", "--output", "json")).isZero();
        }
        assertThat(out())
                .isEqualTo(
                        """
                        {"status":"connected","proxy":"on",\
                        "root_daemon":{"running":true,"pid":11,"version":"0.1"},\
                        "user_daemon":{"running":true,"pid":12,"version":"0.1"},\
                        "kubernetes_server":"https://s","kubernetes_context":"c",\
                        "namespace":"default","mapped_namespaces":["default"],\
                        "dns":{"strategy":"resolv.conf","server":"100.127.1.2",\
                        "domains":["cluster.local"],"error":""},\
                        "device":"tp01234567","subnets":["10.96.0.0/16"],\
                        "skipped_subnets":[{"subnet":"10.0.0.0/24",\
                        "reason":"a route of this host"}],\
                        "transport":{"id":"port-forward","round_trip_ms":1.5,\
                        "session_id":"01234567","reconnects":0,"last_error":""},\
                        "manager":{"version":"0.1"},\
                        "counters":{"open_flows":3,"held_syns":2,"dials":1},"intercepts":{"total":0}}
                        """);
    }

    /** docs/status.md promises the keys, of the object and of the objects in it. */
    @Test
    void theKeysAreThoseOfTheDocumentation() throws IOException {
        Map<String, Set<String>> documented = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of("../../docs/status.md"))) {
            Matcher row = DOCUMENTED.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), quoted(row.group(2)));
            }
        }
        Map<String, Set<String>> rendered = keys(StatusJson.render(report()));
        assertThat(List.copyOf(documented.keySet())).isEqualTo(List.copyOf(rendered.keySet()));
        rendered.forEach((key, inner) -> assertThat(documented.get(key)).containsAll(inner));
    }

    private static Set<String> quoted(String text) {
        return Pattern.compile("`(\\w+)`")
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    /** {@return the keys of the object, each with those in its value} */
    private static Map<String, Set<String>> keys(String json) {
        Map<String, Set<String>> keys = new LinkedHashMap<>();
        Set<String> inner = new HashSet<>();
        int depth = 0;
        try (JsonParser parser =
                JsonFactory.builder().build().createParser(ObjectReadContext.empty(), json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token == JsonToken.PROPERTY_NAME && depth == 1) {
                    inner = new HashSet<>();
                    keys.put(parser.currentName(), inner);
                } else if (token == JsonToken.PROPERTY_NAME) {
                    inner.add(parser.currentName());
                }
            }
        }
        return keys;
    }

    @Test
    void statusForPeopleHoldsTheSameFacts() throws IOException {
        try (ControlServer daemon = daemon(new Reply.Status(report()))) {
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
                          Proxy             : ON (networking to the cluster is enabled)
                          Intercepts        : 0 total
                        """);
    }
}
