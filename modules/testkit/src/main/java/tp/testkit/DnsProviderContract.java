package tp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.spi.common.Assessment;
import tp.spi.common.Cidr;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/** What a {@link DnsProvider} must keep. Subclass it in the tests of a plug-in. */
public abstract class DnsProviderContract implements ProviderContract<DnsProvider> {

    private static final int RESOLV_CONF_BYTES = 4 << 10;

    protected DnsProviderContract() {}

    @Override
    public Class<DnsProvider> service() {
        return DnsProvider.class;
    }

    /** {@return a host for which this provider was made} */
    protected abstract ResolverEnvironment fitting();

    @Test
    void saysThatItFitsAndWhy() {
        Assessment assessment = provider().assess(fitting());

        assertThat(assessment).isNotInstanceOf(Assessment.Unusable.class);
        ProviderContract.assertTellsPeopleWhy(assessment);
    }

    @Test
    void changesTheHostWhereItFits() {
        assertThat(provider().changes(fitting(), settings("100.127.1.2"))).isNotEmpty();
    }

    /** Hosts differ; on each one a provider declines or returns what the helper will accept. */
    @ParameterizedTest
    @MethodSource("hosts")
    void noHostBreaksIt(ResolverEnvironment host) {
        ProviderContract.assertTellsPeopleWhy(provider().assess(host));
        if (provider().assess(host) instanceof Assessment.Unusable) {
            return;
        }
        for (String server : List.of("100.127.1.2", "fd74:7470:1::2")) {
            ResolverSettings settings = settings(server);
            assertThat(provider().changes(host, settings))
                    .isEqualTo(provider().changes(host, settings))
                    .allSatisfy(change -> assertAcceptable(change, settings));
        }
    }

    static Stream<ResolverEnvironment> hosts() {
        return Stream.of(
                new ResolverEnvironment("", "", false),
                new ResolverEnvironment("nameserver 192.0.2.53\n", "", false),
                new ResolverEnvironment(
                        "search corp.example\nnameserver 192.0.2.53\noptions edns0\n", "", false),
                new ResolverEnvironment(
                        "nameserver 127.0.0.53\n", "/run/systemd/resolve/stub-resolv.conf", true),
                new ResolverEnvironment("nameserver fe80::1%eth0\r\n\tsearch\t", "", false),
                new ResolverEnvironment("\u0000\uffff nameserver", "../x", false),
                new ResolverEnvironment("search " + "a.example ".repeat(2000), "", false),
                new ResolverEnvironment("nameserver 192.0.2.53\n".repeat(5000), "", true),
                new ResolverEnvironment(
                        "nameserver 127.0.0.53\nnameserver ::1\n",
                        "../run/systemd/resolve/stub-resolv.conf",
                        true,
                        "nameserver 192.0.2.53\n",
                        true,
                        true),
                new ResolverEnvironment(manyServers(), "", false, "", false, true));
    }

    private static String manyServers() {
        return IntStream.range(0, 100)
                .mapToObj(i -> "nameserver 192.0.2." + i + "\n")
                .collect(Collectors.joining());
    }

    private static ResolverSettings settings(String server) {
        return new ResolverSettings(
                "tp0123abcd",
                InetAddress.ofLiteral(server),
                List.of("default.svc.cluster.local", "svc.cluster.local", "cluster.local"),
                List.of("cluster.local", "svc", "default", "team-a"),
                List.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd00:10:96::/112")));
    }

    private static void assertAcceptable(HostChange change, ResolverSettings settings) {
        switch (change) {
            case HostChange.ResolvConf file -> assertResolvConf(file.content(), settings);
            case HostChange.LinkDns link -> {
                assertThat(link.device()).isEqualTo(settings.device());
                assertThat(link.servers()).containsOnly(settings.server());
                assertThat(link.domains())
                        .hasSizeLessThan(256)
                        .allMatch(domain -> domain.matches("~?[a-z0-9_-]+(\\.[a-z0-9_-]+)*"));
            }
            case HostChange.Port53Redirect redirect -> {
                assertThat(redirect.target()).isEqualTo(settings.server());
                assertThat(redirect.servers())
                        .hasSizeBetween(1, 8)
                        .allMatch(server -> server.getClass() == redirect.target().getClass());
            }
        }
    }

    private static void assertResolvConf(String content, ResolverSettings settings) {
        assertThat(content.getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThanOrEqualTo(RESOLV_CONF_BYTES);
        assertThat(content.lines())
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .matches("([#;].*|(nameserver|search|options) [!-~ ]+)?"))
                .filteredOn(line -> line.startsWith("nameserver "))
                .first()
                .isEqualTo("nameserver " + settings.server().getHostAddress());
    }
}
