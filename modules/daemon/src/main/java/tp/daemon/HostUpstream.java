package tp.daemon;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import tp.dns.HostServers;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;

/** Whom the host would ask at this moment if tp were not there. */
final class HostUpstream implements Supplier<HostServers> {

    private final Set<InetAddress> own;
    private volatile HostServers servers;

    /**
     * @param own addresses of tp's resolver
     */
    HostUpstream(ResolverEnvironment host, Set<InetAddress> own) {
        this.own = Set.copyOf(own);
        servers = HostServers.of(host, this.own);
    }

    /**
     * @param changes that are in force, or will be in a moment
     */
    void follow(ResolverEnvironment host, List<HostChange> changes) {
        boolean redirected =
                changes.stream()
                        .anyMatch(
                                one ->
                                        one instanceof HostChange.Port53Redirect redirect
                                                && redirect.askers() == HostChange.Askers.ALL);
        servers = new HostServers(HostServers.of(host, own).servers(), redirected);
    }

    @Override
    public HostServers get() {
        return servers;
    }
}
