package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.Assessment;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;
import tp.testkit.DnsProviderContract;

class RedirectProviderTest extends DnsProviderContract {

    @Override
    public DnsProvider provider() {
        return new RedirectProvider();
    }

    @Override
    protected ResolverEnvironment fitting() {
        return host("nameserver 192.0.2.53\n", true);
    }

    private static ResolverEnvironment host(String text, boolean nft) {
        return new ResolverEnvironment(text, "", false, "", false, nft);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.53 | true | 192.0.2.53",
                "127.0.0.53 | true | 127.0.0.53",
                "127.0.0.1 2001:db8::53 192.0.2.53 | true | 127.0.0.1 192.0.2.53",
                "100.127.1.2 192.0.2.53 | true | 192.0.2.53",
                "192.0.2.53 192.0.2.53 | true | 192.0.2.53",
                "192.0.2.53 | false | unusable",
                "2001:db8::53 | true | unusable",
                "'' | true | unusable",
            })
    void theHostsOwnServersAreRedirected(String servers, boolean nft, String expected) {
        StringBuilder text = new StringBuilder();
        for (String server : servers.split(" ", -1)) {
            text.append("nameserver ").append(server).append('\n');
        }
        assertThat(outcome(host(text.toString(), nft))).isEqualTo(expected);
    }

    private String outcome(ResolverEnvironment host) {
        if (provider().assess(host) instanceof Assessment.Unusable) {
            return "unusable";
        }
        InetAddress ours = InetAddress.ofLiteral("100.127.1.2");
        ResolverSettings settings =
                new ResolverSettings(
                        "tp0123abcd", ours, List.of(), List.of("cluster.local"), List.of());
        HostChange.Port53Redirect redirect =
                (HostChange.Port53Redirect) provider().changes(host, settings).getFirst();
        assertThat(redirect.target()).isEqualTo(ours);
        return String.join(
                " ", redirect.servers().stream().map(InetAddress::getHostAddress).toList());
    }
}
