package tp.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import tp.spi.dns.ResolverEnvironment;

/**
 * The servers that the host asked before tp came.
 *
 * @param marked whether questions carry {@link #EXEMPT}, by which a redirect lets them pass
 */
public record HostServers(List<InetSocketAddress> servers, boolean marked) {

    /**
     * The type-of-service byte of tp's own questions: DSCP 43, of the pool for local use (RFC 2474
     * §6). Setting it needs no right, and no program sets it by chance.
     */
    public static final int EXEMPT = 43 << 2;

    private static final int PORT = 53;
    private static final int MAX_SERVERS = 3; // as many as glibc asks: MAXNS of resolv.h

    public HostServers {
        servers = List.copyOf(servers.subList(0, Math.min(MAX_SERVERS, servers.size())));
    }

    /**
     * {@return the servers that a host asked before tp changed anything}
     *
     * @param own tp's own addresses: a question must not come back to where it came from
     */
    public static HostServers of(ResolverEnvironment host, Set<InetAddress> own) {
        return new HostServers(
                host.upstreams().stream()
                        .filter(address -> !own.contains(address))
                        .map(address -> new InetSocketAddress(address, PORT))
                        .toList(),
                false);
    }
}
