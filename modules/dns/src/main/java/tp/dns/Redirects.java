package tp.dns;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/** Redirects of port 53. */
final class Redirects {

    /** glibc asks three (MAXNS of resolv.h); others may ask more. */
    private static final int MAX_SERVERS = 8;

    private Redirects() {}

    /** {@return a redirect for everybody, where there is a server to redirect} */
    static Optional<HostChange> forAll(ResolverEnvironment host, ResolverSettings settings) {
        return of(host.servers(), settings, HostChange.Askers.ALL);
    }

    /**
     * {@return a redirect for containers, where there is one to be made} They keep the servers that
     * the host had when they were made, whatever becomes of the host's own resolver.
     */
    static Optional<HostChange> forBridges(ResolverEnvironment host, ResolverSettings settings) {
        List<InetAddress> servers =
                host.upstreams().stream().filter(server -> !server.isLoopbackAddress()).toList();
        return host.redirects()
                ? of(servers, settings, HostChange.Askers.BEHIND_BRIDGES)
                : Optional.empty();
    }

    private static Optional<HostChange> of(
            List<InetAddress> servers, ResolverSettings settings, HostChange.Askers askers) {
        List<InetAddress> others =
                servers.stream()
                        .filter(server -> server.getClass() == settings.server().getClass())
                        .filter(server -> !server.equals(settings.server()))
                        .limit(MAX_SERVERS)
                        .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(new HostChange.Port53Redirect(others, settings.server(), askers));
    }
}
