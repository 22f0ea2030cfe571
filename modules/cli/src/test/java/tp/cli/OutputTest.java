package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tp.control.ControlServer;
import tp.control.PluginEntry;
import tp.control.Reply;

/** The forms of an answer: for programs the same facts under promised keys, for people colours. */
class OutputTest {

    /** The heading of a command's table, and a row of it: key, type, meaning. */
    private static final Pattern HEADING = Pattern.compile("## `tp (\\w+)`");

    private static final Pattern DOCUMENTED = Pattern.compile("\\| `(\\w+)` \\|[^|]*\\|(.*)\\|");

    private static final Reply.Plugins PLUGINS =
            new Reply.Plugins(
                    List.of(
                            new PluginEntry("dns", "resolv.conf", "tp.dns", "1", "usable", "a: b"),
                            new PluginEntry("dns", "-", "/x.jar", "", "broken", "no")));

    @TempDir private Path folder;
    private Invocation user = new Invocation(Path.of(""));

    @BeforeEach
    void sitDown() {
        user = new Invocation(folder);
    }

    @Test
    void statusAsJsonHasStableKeys() throws IOException {
        try (ControlServer daemon = user.daemon(new Reply.Status(Invocation.report()))) {
            assertThat(daemon).isNotNull();
            assertThat(user.tp("status", "--output", "json")).isZero();
        }
        assertThat(user.out())
                .isEqualTo(
                        """
                        {"status":"connected","proxy":"on",\
                        "root_daemon":{"running":true,"pid":11,"version":"0.1"},\
                        "user_daemon":{"running":true,"pid":12,"version":"0.1"},\
                        "kubernetes_server":"https://s","kubernetes_context":"c",\
                        "namespace":"default","mapped_namespaces":["default","pay"],\
                        "aliases":[{"name":"pay","namespace":"pay-2"}],\
                        "dns":{"strategy":"resolv.conf","server":"100.127.1.2",\
                        "domains":["cluster.local"],"search":["pay.svc.cluster.local"],"error":"",\
                        "considered":[{"id":"systemd-resolved","verdict":"failed",\
                        "reason":"it does not ask tp"},\
                        {"id":"resolv.conf","verdict":"in use","reason":""}]},\
                        "device":"tp01234567","subnets":["10.96.0.0/16"],\
                        "skipped_subnets":[{"subnet":"10.0.0.0/24",\
                        "reason":"a route of this host"}],\
                        "virtual_addresses":{"subnets":["198.18.0.0/16"],"given":4,"refused":0},\
                        "transport":{"id":"port-forward","round_trip_ms":1.5,\
                        "session_id":"01234567","reconnects":0,"last_error":"",\
                        "considered":[{"id":"quic","verdict":"failed","reason":"no answer"},\
                        {"id":"port-forward","verdict":"in use","reason":"it works"}]},\
                        "manager":{"version":"0.1"},\
                        "ping":{"answered":false,"reason":"no socket"},\
                        "agentless":{"active":false,"cannot":[],"refused":[]},\
                        "counters":{"open_flows":3,"held_syns":2,"dials":1,"waiting_flows":1,\
                        "resumed_flows":8,"lost_flows":{"manager_restarted":9,"not_kept":10},\
                        "retained_bytes":40,"sent_bytes":50,"received_bytes":60,\
                        "dropped_datagrams":7},\
                        "intercepts":{"total":1,"list":[{"name":"web","namespace":"pay"}]}}
                        """);
    }

    /** In YAML 1.1 {@code on} is a truth value and {@code 01234567} a number, unless quoted. */
    @Test
    void statusAsYamlHasTheSame() throws IOException {
        try (ControlServer daemon = user.daemon(new Reply.Status(Invocation.report()))) {
            assertThat(daemon).isNotNull();
            assertThat(user.tp("status", "-o", "yaml")).isZero();
        }
        assertThat(user.out())
                .startsWith(
                        """
                        status: connected
                        proxy: "on"
                        root_daemon:
                          running: true
                          pid: 11
                          version: "0.1"
                        """)
                .contains(
                        """
                        skipped_subnets:
                        - subnet: "10.0.0.0/24"
                          reason: a route of this host
                        """,
                        "  session_id: \"01234567\"\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "flows", "list", "version", "plugins"})
    void bothFormsSayTheSameUnderTheKeysOfTheDocumentation(String command) throws IOException {
        Reply reply =
                switch (command) {
                    case "plugins" -> PLUGINS;
                    case "flows" -> new Reply.Flows(List.of(Invocation.flow("tcp", 1, 2)), false);
                    default -> new Reply.Status(Invocation.report());
                };
        Invocation other = new Invocation(folder);
        try (ControlServer daemon = user.daemon(reply)) {
            assertThat(daemon).isNotNull();
            assertThat(user.tp(command, "--output=json")).isZero();
            assertThat(other.tp(command, "--output=yaml")).isZero();
        }
        // JSON is a subset of YAML 1.2.
        Map<?, ?> json =
                (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(user.out());
        Object yaml = new Load(LoadSettings.builder().build()).loadFromString(other.out());

        assertThat(yaml).isEqualTo(json);
        assertThat(user.out()).hasLineCount(1).endsWith("}\n");
        Map<String, Set<String>> documented = documented(command);
        assertThat(List.<Object>copyOf(json.keySet()))
                .isEqualTo(List.copyOf(documented.keySet()))
                .isNotEmpty();
        json.forEach((key, value) -> assertThat(documented.get(key)).containsAll(innerKeys(value)));
    }

    private static Map<String, Set<String>> documented(String command) throws IOException {
        Map<String, Set<String>> keys = new LinkedHashMap<>();
        String section = "";
        for (String line : Files.readAllLines(Path.of("../../docs/status.md"))) {
            Matcher heading = HEADING.matcher(line);
            Matcher row = DOCUMENTED.matcher(line);
            if (heading.matches()) {
                section = heading.group(1);
            } else if (row.matches() && section.equals(command)) {
                keys.put(row.group(1), quoted(row.group(2)));
            }
        }
        return keys;
    }

    private static Set<String> quoted(String text) {
        return Pattern.compile("`(\\w+)`")
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    private static Set<String> innerKeys(Object value) {
        Set<String> keys = new TreeSet<>();
        if (value instanceof Map<?, ?> document) {
            document.keySet().forEach(key -> keys.add((String) key));
        } else if (value instanceof List<?> list) {
            list.forEach(element -> keys.addAll(innerKeys(element)));
        }
        return keys;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "on", "No", "NULL", "y", "~", "1", "-1", "0x1F", "1e3", ".5", "12:30", "a: b",
                "a #b", "- a", "[a]", "{a}", "&a", "*a", "!a", "|", ">", "'", "\"", "%a", "@a",
                "`a`", " a ", "a\nb", "a\tb", "\u0007", "é", "\u2028", "😀", "---", "...", "="
            })
    void everyTextComesBackFromYaml(String text) {
        String yaml = YamlText.of(new Document().put("key", text).put("list", List.of(text)));

        assertThat(new Load(LoadSettings.builder().build()).loadFromString(yaml))
                .isEqualTo(Map.of("key", text, "list", List.of(text)));
        assertThat(yaml).as("no control character but the line's end").matches("[\\P{Cc}\n]*");
    }

    @ParameterizedTest
    @CsvSource({
        "/dev/pts/3, xterm, -, COLOURED",
        "/dev/tty1, linux, -, COLOURED",
        "/dev/console, xterm, '', COLOURED",
        "/dev/pts/3, xterm, 1, LIVE",
        "/dev/pts/3, xterm, 0, LIVE",
        "/dev/pts/3, dumb, -, PLAIN",
        "/dev/pts/3, '', -, PLAIN",
        "/dev/null, xterm, -, PLAIN",
        "/tmp/pts/3, xterm, -, PLAIN",
        "pipe:[1234], xterm, -, PLAIN",
    })
    void coloursAreForTerminalsWhoseUserWantsThem(
            String file, String terminal, String noColor, Look look) {
        Map<String, String> environment =
                noColor.equals("-")
                        ? Map.of("TERM", terminal)
                        : Map.of("TERM", terminal, "NO_COLOR", noColor);

        assertThat(Look.of(file, environment)).isEqualTo(look);
    }

    @Test
    void onlyColoursDifferBetweenTheLooks() throws IOException {
        List<String> pages = new ArrayList<>();
        for (Look look : Look.values()) {
            Invocation one = new Invocation(folder).on(look);
            try (ControlServer daemon = one.daemon(new Reply.Status(Invocation.report()))) {
                assertThat(daemon).isNotNull();
                one.tp("status");
            }
            one.tp("--help");
            one.tp("conect");
            pages.add(one.out() + one.err());
        }
        assertThat(pages.get(0)).doesNotContain("\u001b").isEqualTo(pages.get(1));
        assertThat(pages.get(2)).contains("\u001b[32mConnected\u001b[0m", "\u001b[31mtp:\u001b[0m");
        assertThat(pages.get(2).replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(pages.get(0));
    }

    @Test
    void verdictsAreColoured() throws IOException {
        try (ControlServer daemon = user.on(Look.COLOURED).daemon(PLUGINS)) {
            assertThat(daemon).isNotNull();
            assertThat(user.tp("plugins")).isZero();
        }
        assertThat(Pattern.compile("\u001b\\[(\\d+)m(\\w+)").matcher(user.out()).results())
                .extracting(MatchResult::group)
                .containsExactly("\u001b[32musable", "\u001b[31mbroken");
    }
}
