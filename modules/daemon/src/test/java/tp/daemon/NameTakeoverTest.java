package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.connector.Found;
import tp.connector.Point;
import tp.control.StatusReport;
import tp.dns.RedirectProvider;
import tp.dns.ResolvConfProvider;
import tp.dns.SystemdResolvedProvider;
import tp.spi.common.TpException;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

class NameTakeoverTest {

    /** A host for which all three were made, in this order. */
    private static final ResolverEnvironment HOST = host("nameserver 127.0.0.53\n", true);

    private static final InetAddress OURS = InetAddress.ofLiteral("100.127.1.2");

    /** What is done to the host, as words. */
    private final List<String> done = new ArrayList<>();

    /** Kinds of change that the helper refuses, or that are made and change nothing. */
    private final Map<Class<? extends HostChange>, String> troubles = new HashMap<>();

    private final HostUpstream upstream = new HostUpstream(HOST, Set.of(OURS));
    private List<HostChange> inForce = List.of();

    private static ResolverEnvironment host(String resolvConf, boolean resolvedRuns) {
        return new ResolverEnvironment(
                resolvConf, "", resolvedRuns, "nameserver 192.0.2.53\n", false, true);
    }

    private static ResolverSettings offer(String... domains) {
        return new ResolverSettings("tp0123abcd", OURS, List.of(), List.of(domains), List.of());
    }

    private static Found<DnsProvider> found(DnsProvider provider) {
        return new Found<>(provider, "tp.dns", "");
    }

    private NameTakeover takeover(Optional<String> named) {
        Point<DnsProvider> point =
                new Point<>(
                        "dns",
                        List.of(
                                found(new SystemdResolvedProvider()),
                                found(new ResolvConfProvider()),
                                found(new RedirectProvider())),
                        List.of());
        NameTakeover.Changes changes =
                new NameTakeover.Changes() {
                    @Override
                    public List<String> apply(List<HostChange> wanted) {
                        String kind = wanted.getFirst().getClass().getSimpleName();
                        done.add(kind);
                        if ("refused".equals(troubles.get(wanted.getFirst().getClass()))) {
                            throw TpException.environment(kind + " is refused", "try another");
                        }
                        inForce = wanted;
                        return List.of();
                    }

                    @Override
                    public List<String> restore() {
                        done.add("restore");
                        inForce = List.of();
                        return List.of();
                    }
                };
        NameTakeover.Check check =
                (zone, server) ->
                        troubles.containsKey(inForce.getFirst().getClass())
                                ? new NameCheck.Outcome("this host does not ask", "")
                                : new NameCheck.Outcome("", "");
        return new NameTakeover(
                new NameTakeover.Parts(
                        changes,
                        check,
                        upstream,
                        named,
                        host -> point.choose(named, provider -> provider.assess(host))),
                offer("cluster.local", "svc"),
                HOST);
    }

    @Test
    void theBestThatWorksIsUsedAndNoOtherIsTried() throws Exception {
        NameTakeover takeover = takeover(Optional.empty());
        takeover.begin();

        assertThat(takeover.strategy()).isEqualTo("systemd-resolved");
        assertThat(done).containsExactly("LinkDns");
        assertThat(takeover.error()).isEmpty();
        assertThat(upstream.get().marked()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"refused, refused", "refused, useless", "useless, refused", "useless, useless"})
    void oneThatDoesNotWorkIsTakenBackAndFollowedByTheNext(String first, String second)
            throws Exception {
        troubles.put(HostChange.LinkDns.class, first);
        troubles.put(HostChange.ResolvConf.class, second);
        NameTakeover takeover = takeover(Optional.empty());
        takeover.begin();

        assertThat(takeover.strategy()).isEqualTo("redirect");
        assertThat(done.stream().filter(one -> !one.equals("restore")))
                .containsExactly("LinkDns", "ResolvConf", "Port53Redirect");
        assertThat(done.stream().filter("restore"::equals).count())
                .isEqualTo(List.of(first, second).stream().filter("useless"::equals).count());
        assertThat(takeover.considered())
                .extracting(StatusReport.Strategy::id, StatusReport.Strategy::verdict)
                .contains(
                        org.assertj.core.groups.Tuple.tuple("redirect", "in use"),
                        org.assertj.core.groups.Tuple.tuple("systemd-resolved", "failed"),
                        org.assertj.core.groups.Tuple.tuple("resolv.conf", "failed"));
        assertThat(takeover.considered())
                .filteredOn(one -> one.verdict().equals("failed"))
                .allMatch(one -> !one.reason().isBlank());
        assertThat(upstream.get().marked()).isTrue();
    }

    @Test
    void whereNoneWorksTheHostIsAsBeforeAndThatIsSaid() throws Exception {
        troubles.put(HostChange.LinkDns.class, "useless");
        troubles.put(HostChange.ResolvConf.class, "useless");
        troubles.put(HostChange.Port53Redirect.class, "useless");
        NameTakeover takeover = takeover(Optional.empty());
        takeover.begin();

        assertThat(inForce).isEmpty();
        assertThat(takeover.strategy()).isEmpty();
        assertThat(takeover.error())
                .contains("systemd-resolved: this host does not ask", "redirect:", "resolv.conf:");
    }

    @Test
    void theOneThatWasNamedWorksOrIsAnError() {
        troubles.put(HostChange.ResolvConf.class, "useless");
        NameTakeover takeover = takeover(Optional.of("resolv.conf"));

        assertThatThrownBy(takeover::begin)
                .isInstanceOf(TpException.class)
                .hasMessageContaining("resolv.conf does not work here: this host does not ask");
        assertThat(done).containsExactly("ResolvConf", "restore");
    }

    @Test
    void whatAnotherProgramWritesIsTheHostsOwnAndOursComesOnTopAgain() throws Exception {
        NameTakeover takeover = takeover(Optional.of("resolv.conf"));
        takeover.begin();
        done.clear();
        takeover.changed(host("nameserver 198.51.100.1\nsearch vpn.example\n", false), true);

        assertThat(done).containsExactly("ResolvConf");
        assertThat(((HostChange.ResolvConf) inForce.getFirst()).content())
                .contains("nameserver 100.127.1.2", "search vpn.example");
        assertThat(upstream.get().servers().getFirst().getAddress().getHostAddress())
                .isEqualTo("198.51.100.1");
    }

    @Test
    void otherServersBeneathAreFollowedAlsoForContainers() throws Exception {
        NameTakeover takeover = takeover(Optional.empty());
        takeover.begin();
        done.clear();
        takeover.changed(
                new ResolverEnvironment(
                        "nameserver 127.0.0.53\n",
                        "",
                        true,
                        "nameserver 198.51.100.1\n",
                        false,
                        true),
                false);

        assertThat(done).containsExactly("LinkDns");
        assertThat(((HostChange.Port53Redirect) inForce.getLast()).servers())
                .containsExactly(InetAddress.ofLiteral("198.51.100.1"));
        assertThat(upstream.get().servers().getFirst().getAddress().getHostAddress())
                .isEqualTo("198.51.100.1");
    }

    @Test
    void oneThatFitsNoMoreGivesWayToTheNext() throws Exception {
        NameTakeover takeover = takeover(Optional.empty());
        takeover.begin();
        takeover.changed(host("nameserver 198.51.100.1\n", false), false);

        assertThat(takeover.strategy()).isEqualTo("resolv.conf");
        assertThat(done).containsExactly("LinkDns", "restore", "ResolvConf");
    }

    @Test
    void newNamespacesAreRouted() throws Exception {
        NameTakeover takeover = takeover(Optional.empty());
        takeover.begin();
        takeover.offer(offer("cluster.local", "svc", "team-b"));
        takeover.offer(offer("cluster.local", "svc", "team-b"));

        assertThat(done).containsExactly("LinkDns", "LinkDns");
        assertThat(((HostChange.LinkDns) inForce.getFirst()).domains()).contains("~team-b");
    }

    @Test
    void theLimitOfRewritesIsFiveInAMinute() {
        RewriteLimit limit = new RewriteLimit();
        for (int i = 0; i < 5; i++) {
            assertThat(limit.take(TimeUnit.SECONDS.toNanos(i))).isTrue();
        }
        assertThat(limit.take(TimeUnit.SECONDS.toNanos(59))).isFalse();
        assertThat(limit.take(TimeUnit.SECONDS.toNanos(61))).isTrue();
        assertThat(limit.take(TimeUnit.SECONDS.toNanos(61))).isFalse();
    }

    /** This machine's resolver does not ask this test, until the test does so in its place. */
    @Test
    void onlyTheNameThatIsSoughtProvesThatTheHostAsks() throws Exception {
        NameCheck silent = new NameCheck((query, tcp, answer) -> {}, new Random(3));
        silent.resolve(wire("3www7example3com"), false, answer -> {});
        assertThat(silent.run("tp-nowhere.invalid", Optional.empty()).failure())
                .contains("does not ask tp");

        NameCheck asked = new NameCheck((query, tcp, answer) -> {}, new Random(3));
        String label = "tp-check-" + Long.toHexString(new Random(3).nextLong());
        Thread asking =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    while (!Thread.currentThread().isInterrupted()) {
                                        asked.resolve(
                                                wire(label.toUpperCase(Locale.ROOT)),
                                                false,
                                                answer -> {});
                                    }
                                });
        try {
            assertThat(asked.run("tp-nowhere.invalid", Optional.empty()).failure())
                    .doesNotContain("does not ask tp");
        } finally {
            asking.interrupt();
        }
    }

    private static ByteBuffer wire(String text) {
        return ByteBuffer.wrap(("xx" + text + "yy").getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hosts: files dns | false",
                "hosts: files resolve [!UNAVAIL=return] dns | true",
                "hosts:\tmymachines resolve | true",
                "#hosts: resolve | false",
                "passwd: resolve | false",
            })
    void knowsWhetherTheLibraryAsksSystemdResolved(String line, boolean expected) {
        assertThat(HostResolver.nssResolve("passwd: files\n" + line + "\n")).isEqualTo(expected);
    }
}
