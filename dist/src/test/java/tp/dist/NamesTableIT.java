package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tp.dist.NamesTable.Place;
import tp.dist.NamesTable.Question;
import tp.spi.common.Cidr;
import tp.testkit.laptop.Laptop;

/**
 * Every name of {@code names.txt} is what the table says, whoever asks, however this host is made
 * to ask tp and whatever is mapped.
 */
@Needs(
        value = {"nft", "kubectl", "dig", "curl", "busybox"},
        sandbox = "its zone and hosts outside of it")
class NamesTableIT {

    /** The sandbox's stand-in for the DNS server of the laptop's network. */
    private static final String SERVER = "192.168.127.1";

    /** The host's own search list. */
    private static final String SEARCH = "corp.example";

    private static final Pattern SUBNETS =
            Pattern.compile("\"virtual_addresses\":\\{\"subnets\":\\[([^]]*)]");

    /** How a host is made to ask, and the command that makes a host to which that fits. */
    enum Strategy {
        RESOLV_CONF("resolv.conf", plain()),
        REDIRECT("redirect", plain()),
        SYSTEMD_RESOLVED(
                "systemd-resolved",
                DebianResolved.start("DNS=" + SERVER, "Domains=" + SEARCH, "LLMNR=no"));

        private final String id;
        private final String setUp;

        Strategy(String id, String setUp) {
            this.id = id;
            this.setUp = setUp;
        }

        private static String plain() {
            return "rm /etc/resolv.conf; printf 'nameserver %s\\nsearch %s\\n' >/etc/resolv.conf"
                    .formatted(SERVER, SEARCH);
        }
    }

    /** What is connected to, by the names that the table uses. */
    private static final Map<String, String> SCOPES =
            new TreeMap<>(
                    Map.of(
                            "none", "",
                            "default", "--namespace default",
                            "team-a", "--namespace team-a",
                            "few", "--namespace default --mapped-namespaces default"));

    private static Laptop laptop;
    private static NamesTable table;
    private static NamedObjects objects;

    @BeforeAll
    static void start() throws Exception {
        table = NamesTable.read();
        laptop = Laptop.start();
        laptop.run("export NAME_PROBE='" + Laptop.java(NameProbe.class) + "'");
        Laptop.Result made =
                laptop.run(
                        Duration.ofMinutes(4),
                        """
                        kubectl apply -f - <<'YAML' >/dev/null || exit
                        %s
                        YAML
                        kubectl rollout status statefulset/peer --timeout=100s >/dev/null || exit
                        kubectl wait --for=condition=Ready pod/tower-pod pod/blackhole --timeout=100s >/dev/null || exit
                        """
                                        .formatted(NamesTable.resource("names.yaml"))
                                + NamedObjects.SCRIPT);
        assertThat(made.exit()).as(made.output()).isZero();
        objects = new NamedObjects(made.output());
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    /** Else it would be no judge of its own, but one more program that asks the C library. */
    @Test
    void theStaticBinaryIsStatic() throws Exception {
        assertThat(laptop.run("ldd $(command -v busybox)").output())
                .containsAnyOf("not a dynamic executable", "statically linked");
    }

    @ParameterizedTest
    @EnumSource
    void everybodySaysWhatTheTableSays(Strategy strategy) throws Exception {
        boolean there = strategy != Strategy.SYSTEMD_RESOLVED || DebianResolved.isThere();
        String line = "not run: NamesTableIT " + strategy + " needs " + DebianResolved.NEEDED;
        if (!there) {
            System.out.println(line);
        }
        assumeTrue(there, line);
        assertThat(laptop.run(strategy.setUp).exit()).isZero();
        List<String> wrong = new ArrayList<>();
        for (String scope : SCOPES.keySet()) {
            wrong.addAll(ask(new Place(scope, strategy.id)));
        }
        assertThat(wrong).isEmpty();
    }

    /**
     * Without a manager all is the same but for what leads outside the cluster, which is refused,
     * and for what the manager refuses because it does not know whose it is.
     */
    @Test
    void withoutAManagerItIsTheSameButForWhatLeadsOutside() throws Exception {
        assertThat(laptop.run(Strategy.RESOLV_CONF.setUp).exit()).isZero();
        NamesTable known =
                table.without(
                        Set.of(
                                "ext.default",
                                "ext.default.svc",
                                "ext.default.svc.cluster.local",
                                "verylargejavaservice.default.cluster.local",
                                "254.255.96.10.in-addr.arpa",
                                "reverse4:team-a/payroll",
                                "reverse6:team-a/payroll"));
        String flags = "--agentless " + SCOPES.get("few");

        assertThat(known.questions().size()).isGreaterThan(table.questions().size() - 40);
        assertThat(ask(new Place("few", Strategy.RESOLV_CONF.id), flags, known)).isEmpty();
    }

    private static List<String> ask(Place place) throws InterruptedException {
        return ask(place, SCOPES.get(place.scope()), table);
    }

    /** {@return what is said there and is wrong} */
    private static List<String> ask(Place place, String flags, NamesTable table)
            throws InterruptedException {
        List<Question> asked =
                table.questions().stream()
                        .map(one -> new Question(objects.name(one.name()), one.type()))
                        .toList();
        long start = System.nanoTime();
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(4),
                        """
                        tp connect --dns=%s %s >/dev/null || exit
                        %s
                        tp quit >/dev/null
                        """
                                .formatted(place.strategy(), flags, NameAskers.script(asked)));
        assertThat(result.exit()).as(result.output()).isZero();
        NameAskers askers = new NameAskers(result.output());
        objects.newSession(virtualRanges(askers.status()));
        List<String> wrong = new NamesJudge(table, objects, place, askers).wrong();
        System.out.printf(
                "%s: %d questions in %d ms, %d answers wrong%n",
                place, asked.size(), (System.nanoTime() - start) / 1_000_000, wrong.size());
        return wrong;
    }

    private static List<Cidr> virtualRanges(String status) {
        Matcher found = SUBNETS.matcher(status);
        assertThat(found.find()).as(status).isTrue();
        return Stream.of(found.group(1).replace("\"", "").split(",")).map(Cidr::parse).toList();
    }
}
