package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.Assessment;
import tp.spi.common.Cidr;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;
import tp.testkit.DnsProviderContract;

class SystemdResolvedProviderTest extends DnsProviderContract {

    @Override
    public DnsProvider provider() {
        return new SystemdResolvedProvider();
    }

    @Override
    protected ResolverEnvironment fitting() {
        return new ResolverEnvironment("nameserver 127.0.0.53\n", "../run/x", true);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.53, true, false, 80",
        "127.0.0.54, true, false, 80",
        "127.0.0.53, true, true, 80",
        "192.0.2.53, true, true, 30",
        "192.0.2.53, true, false, -1",
        "127.0.0.53, false, true, -1",
    })
    void fitsWhereProgramsAskIt(String server, boolean runs, boolean nss, int score) {
        Assessment assessment =
                provider()
                        .assess(
                                new ResolverEnvironment(
                                        "nameserver " + server + "\n", "", runs, "", nss, false));

        assertThat(assessment instanceof Assessment.Usable usable ? usable.score() : -1)
                .isEqualTo(score);
    }

    @Test
    void onlyTheClustersNamesAreRouted() {
        assertThat(domains(List.of("cluster.local", "svc", "default", "dev")))
                .containsExactly(
                        "default.svc.cluster.local",
                        "~cluster.local",
                        "~svc",
                        "~96.10.in-addr.arpa",
                        "~default",
                        "~dev");
    }

    /** A root would take all names of the host; what is no name is passed over. */
    @Test
    void whatIsNoDomainIsLeftOutAndTheNumberIsBounded() {
        assertThat(domains(List.of("cluster.local", "svc", "", ".", "a b", "UPPER", "x..y")))
                .contains("~upper")
                .doesNotContain("~", "~.", "~a b", "~x..y");
        List<String> many = IntStream.range(0, 1000).mapToObj(i -> "namespace-" + i).toList();
        assertThat(domains(many)).hasSize(255);
    }

    private List<String> domains(List<String> clusterDomains) {
        ResolverSettings settings =
                new ResolverSettings(
                        "tp0123abcd",
                        InetAddress.ofLiteral("100.127.1.2"),
                        List.of("default.svc.cluster.local"),
                        clusterDomains,
                        List.of(Cidr.parse("10.96.0.0/16")));
        return ((HostChange.LinkDns) provider().changes(fitting(), settings).getFirst()).domains();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.0/8 | 10.in-addr.arpa",
                "10.96.0.0/16 | 96.10.in-addr.arpa",
                "10.96.0.0/15 | 96.10.in-addr.arpa 97.10.in-addr.arpa",
                "192.168.7.0/24 | 7.168.192.in-addr.arpa",
                "192.168.7.254/31 | 254.7.168.192.in-addr.arpa 255.7.168.192.in-addr.arpa",
                "192.0.2.1/32 | 1.2.0.192.in-addr.arpa",
                "fd00:10::/32 | 0.1.0.0.0.0.d.f.ip6.arpa",
                "fd00::/31 | 0.0.0.0.0.0.d.f.ip6.arpa 1.0.0.0.0.0.d.f.ip6.arpa",
                "10.0.0.0/9 | ''",
                "10.64.0.0/11 | ''",
                "10.0.0.0/25 | ''",
            })
    void rangesAreCutIntoZonesOfReverseNames(String range, String expected) {
        assertThat(String.join(" ", ReverseZones.of(Cidr.parse(range)))).isEqualTo(expected);
    }
}
