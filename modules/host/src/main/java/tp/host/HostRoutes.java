package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tp.os.InterfaceAddress;
import tp.os.LinkAddress;
import tp.os.NetworkConfiguration;
import tp.os.Route;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;

/** The routes and addresses of this host at one moment, of all tables. Reading needs no right. */
public record HostRoutes(List<Route> routes, List<LinkAddress> addresses) {

    /**
     * Ranges that few networks use: shared (RFC 6598), benchmarks (RFC 2544), private (RFC 1918).
     */
    private static final List<String> CANDIDATES =
            List.of("100.127.%d.1/24", "198.19.%d.1/24", "10.254.%d.1/24", "172.31.%d.1/24");

    private static final int TRIES = 16;

    public HostRoutes {
        routes = List.copyOf(routes);
        addresses = List.copyOf(addresses);
    }

    /** Reads them now. */
    public static HostRoutes read() {
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            return new HostRoutes(network.routes(), network.addresses());
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot read this host's routes: " + e.getMessage(),
                    "",
                    e);
        }
    }

    /** {@return what of this host shares addresses with that range, apart from default routes} */
    public Optional<Cidr> overlap(Cidr range) {
        for (Route route : routes) {
            if (!route.isDefault() && route.destination().overlaps(range)) {
                return Optional.of(route.destination());
            }
        }
        return addresses.stream()
                .map(address -> address.address().subnet())
                .filter(subnet -> subnet.prefixLength() > 0 && subnet.overlaps(range))
                .findFirst();
    }

    /**
     * Chooses the addresses of a session's device, in ranges that nothing on this host uses: an
     * IPv4 /24 and an IPv6 /64, in each the first address.
     *
     * @param reserved ranges that are not the host's but will be routed, the cluster's
     */
    public List<InterfaceAddress> deviceAddresses(String sessionId, List<Cidr> reserved) {
        List<InterfaceAddress> chosen = new ArrayList<>();
        int id = Integer.parseUnsignedInt(sessionId, 16);
        for (int attempt = 0; chosen.isEmpty(); attempt++) {
            if (attempt == CANDIDATES.size() * TRIES) {
                throw TpException.environment(
                        "this host uses every address range that tp could take for itself",
                        "free one of 100.127.0.0/16, 198.19.0.0/16, 10.254.0.0/16, 172.31.0.0/16");
            }
            int third = (id & 0xff) + 41 * (attempt / CANDIDATES.size()) & 0xff;
            String pattern = CANDIDATES.get(attempt % CANDIDATES.size());
            InterfaceAddress candidate = InterfaceAddress.parse(pattern.formatted(third));
            if (isFree(candidate.subnet(), reserved)) {
                chosen.add(candidate);
            }
        }
        InetAddress six =
                InetAddress.ofLiteral("fd74:7470:%x:%x::1".formatted(id >>> 16, id & 0xffff));
        chosen.add(new InterfaceAddress(six, 64));
        return chosen;
    }

    private boolean isFree(Cidr range, List<Cidr> reserved) {
        return overlap(range).isEmpty() && reserved.stream().noneMatch(range::overlaps);
    }
}
