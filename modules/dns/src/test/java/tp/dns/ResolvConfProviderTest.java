package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;
import tp.testkit.DnsProviderContract;

class ResolvConfProviderTest extends DnsProviderContract {

    @Override
    public DnsProvider provider() {
        return new ResolvConfProvider();
    }

    @Override
    protected ResolverEnvironment fitting() {
        return new ResolverEnvironment("nameserver 192.0.2.53\n", "", false);
    }

    @Test
    void oursIsTheOnlyServerAndTheRestIsKept() {
        ResolverEnvironment host =
                new ResolverEnvironment(
                        """
                        domain old.example
                        nameserver 192.0.2.53
                        search corp.example lab.example
                        options ndots:2 edns0
                        """,
                        "",
                        false);

        assertThat(content(host))
                .isEqualTo(
                        """
                        # tp session 0123abcd on tp0123abcd: restored on quit
                        nameserver 100.127.1.2
                        search default.svc.cluster.local corp.example lab.example
                        options ndots:2 edns0
                        """);
    }

    @Test
    void aLongSearchListIsCutWhereMuslWouldPassOverAllOfIt() {
        ResolverEnvironment host =
                new ResolverEnvironment(
                        "search" + " a.example".repeat(1) + " x".repeat(300), "", false);

        assertThat(content(host).lines().filter(line -> line.startsWith("search")).findFirst())
                .hasValueSatisfying(line -> assertThat(line.length()).isLessThanOrEqualTo(255));
    }

    private String content(ResolverEnvironment host) {
        List<HostChange> changes =
                provider()
                        .changes(
                                host,
                                new ResolverSettings(
                                        "tp0123abcd",
                                        InetAddress.ofLiteral("100.127.1.2"),
                                        List.of("default.svc.cluster.local"),
                                        List.of("cluster.local"),
                                        List.of()));
        return ((HostChange.ResolvConf) changes.getFirst()).content();
    }
}
