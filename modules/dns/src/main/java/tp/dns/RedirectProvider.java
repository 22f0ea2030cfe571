package tp.dns;

import java.net.InetAddress;
import java.util.List;
import tp.spi.common.Assessment;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/**
 * Leaves the host's resolver as it is, and redirects its packets on their way to the servers: for a
 * host whose resolver cannot be changed.
 */
public final class RedirectProvider implements DnsProvider {

    public RedirectProvider() {}

    @Override
    public String id() {
        return "redirect";
    }

    @Override
    public Assessment assess(ResolverEnvironment environment) {
        if (!environment.redirects()) {
            return new Assessment.Unusable("nft is not installed here");
        }
        return environment.servers().stream().anyMatch(RedirectProvider::isIpv4)
                ? new Assessment.Usable(
                        10, "packets to port 53 of the servers in /etc/resolv.conf are redirected")
                : new Assessment.Unusable("/etc/resolv.conf names no IPv4 server");
    }

    @Override
    public List<HostChange> changes(ResolverEnvironment environment, ResolverSettings settings) {
        return Redirects.forAll(environment, settings).stream().toList();
    }

    private static boolean isIpv4(InetAddress server) {
        return server.getAddress().length == 4;
    }
}
