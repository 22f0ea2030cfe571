package tp.daemon;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import tp.spi.common.Cidr;
import tp.tunnel.Welcome;

/**
 * Which ranges are routed into the tunnel. What the host routes otherwise stays the host's, and so
 * do the addresses by which the tunnel itself is reached; what the cluster has there is reached by
 * virtual addresses.
 *
 * @param routes to be set
 * @param hosts parts of the cluster's ranges in which addresses mean others on this host
 * @param asIs what this host reaches itself, or not at all, whatever the cluster says of it
 * @param skipped what is not, or not wholly, routed, for people
 */
record RoutePlan(
        SequencedSet<Cidr> routes, List<Cidr> hosts, List<Cidr> asIs, List<Skipped> skipped) {

    static final RoutePlan NONE =
            new RoutePlan(new LinkedHashSet<>(), List.of(), List.of(), List.of());

    /** A range and why it is not routed, in one line. */
    record Skipped(Cidr range, String reason) {}

    /**
     * What is to be reached.
     *
     * @param cluster the cluster's ranges of services and pods
     * @param also further ranges that the user wants and the manager permits
     * @param never ranges that the user does not want, inside the others
     */
    record Wanted(Collection<Cidr> cluster, Collection<Cidr> also, Collection<Cidr> never) {}

    /**
     * This host.
     *
     * @param routes what it routes besides our own device
     * @param kept addresses that must be reached outside the tunnel: the API server, the manager's
     *     endpoint, the host's name servers
     */
    record Surroundings(Collection<Cidr> routes, Collection<InetAddress> kept, boolean hasIpv6) {}

    /** The helper refuses routes wider than these. */
    private static final int SHORTEST_IPV4 = 8;

    private static final int SHORTEST_IPV6 = 32;

    /** {@return where the cluster's services and pods are} */
    static List<Cidr> clusterRanges(Welcome welcome) {
        List<Cidr> ranges = new ArrayList<>(welcome.serviceSubnets());
        ranges.addAll(welcome.podSubnets());
        return ranges;
    }

    static RoutePlan of(Wanted wanted, Surroundings host) {
        Maker maker = new Maker(wanted, host);
        new LinkedHashSet<>(wanted.cluster()).forEach(range -> maker.add(range, false));
        new LinkedHashSet<>(wanted.also()).forEach(range -> maker.add(range, true));
        return new RoutePlan(
                maker.routes,
                List.copyOf(maker.hosts),
                List.copyOf(maker.asIs),
                List.copyOf(maker.skipped));
    }

    /** {@return whether this host reaches the address itself by the right way} */
    boolean isSeen(InetAddress address) {
        int kept = longest(asIs, address);
        int tunnel = longest(routes, address);
        boolean outside = kept >= 0 && kept >= tunnel;
        boolean through = tunnel >= 0 && longest(hosts, address) < 0;
        return outside || through;
    }

    private static int longest(Collection<Cidr> ranges, InetAddress address) {
        return ranges.stream()
                .filter(range -> range.contains(address))
                .mapToInt(Cidr::prefixLength)
                .max()
                .orElse(-1);
    }

    /** {@return the ranges in which an address is the cluster's on this host too} */
    List<Cidr> own() {
        List<Cidr> own = new ArrayList<>(routes);
        for (Cidr range : hosts) {
            own = without(own, range);
        }
        return own;
    }

    private static final class Maker {
        private final Wanted wanted;
        private final Surroundings host;
        private final SequencedSet<Cidr> routes = new LinkedHashSet<>();
        private final Set<Cidr> hosts = new LinkedHashSet<>();
        private final Set<Cidr> asIs = new LinkedHashSet<>();
        private final Set<Skipped> skipped = new LinkedHashSet<>();

        Maker(Wanted wanted, Surroundings host) {
            this.wanted = wanted;
            this.host = host;
            // Where one that is wanted is more exact, that one wins.
            asIs.addAll(wanted.never());
            host.kept().forEach(address -> asIs.add(alone(address)));
        }

        void add(Cidr range, boolean asked) {
            if (range.isIpv6() && !host.hasIpv6()) {
                asIs.add(range);
                skipped.add(new Skipped(range, "this host has no IPv6"));
            } else if (range.prefixLength() < (range.isIpv6() ? SHORTEST_IPV6 : SHORTEST_IPV4)) {
                skipped.add(new Skipped(range, "it is too wide to be a cluster's"));
            } else if (isHosts(range, asked)) {
                hosts.add(range);
            } else {
                host.routes().stream()
                        .filter(route -> narrower(route, range))
                        .forEach(route -> skip(route, route));
                routes.addAll(rest(range));
            }
        }

        /** A route of the host that is as exact; of what the user asked for, also no wider one. */
        private boolean isHosts(Cidr range, boolean asked) {
            for (Cidr route : host.routes()) {
                // A default route, or the two halves by which a VPN stands for one, is no claim.
                boolean claims =
                        asked
                                ? route.prefixLength() == range.prefixLength()
                                : route.prefixLength() > 1
                                        && route.prefixLength() <= range.prefixLength();
                if (claims && route.overlaps(range)) {
                    skip(range, route);
                    return true;
                }
            }
            return false;
        }

        private void skip(Cidr range, Cidr route) {
            hosts.add(range);
            skipped.add(
                    new Skipped(
                            range,
                            "this host has a route of its own to "
                                    + (route.equals(range) ? "it" : route)
                                    + ", so that names lead there by virtual addresses"));
        }

        private List<Cidr> rest(Cidr range) {
            List<Cidr> rest = List.of(range);
            for (Cidr never : wanted.never()) {
                if (range.overlaps(never) && never.prefixLength() >= range.prefixLength()) {
                    skipped.add(new Skipped(never, "--never-proxy"));
                    rest = without(rest, never);
                }
            }
            for (InetAddress address : host.kept()) {
                if (range.contains(address)) {
                    Cidr alone = alone(address);
                    skipped.add(new Skipped(alone, "it is reached outside the tunnel"));
                    rest = without(rest, alone);
                }
            }
            return rest;
        }
    }

    private static Cidr alone(InetAddress address) {
        return new Cidr(address, address.getAddress().length * 8);
    }

    /** The kernel takes the longest prefix, so that such a route needs no gap in ours. */
    private static boolean narrower(Cidr route, Cidr range) {
        return route.prefixLength() > range.prefixLength() && route.overlaps(range);
    }

    private static List<Cidr> without(List<Cidr> ranges, Cidr part) {
        List<Cidr> rest = new ArrayList<>();
        for (Cidr range : ranges) {
            Cidr half = range;
            while (half.overlaps(part) && half.prefixLength() < part.prefixLength()) {
                Cidr low = new Cidr(half.network(), half.prefixLength() + 1);
                Cidr high = upperHalf(half);
                rest.add(low.overlaps(part) ? high : low);
                half = low.overlaps(part) ? low : high;
            }
            if (!half.overlaps(part)) {
                rest.add(half);
            }
        }
        return rest;
    }

    private static Cidr upperHalf(Cidr range) {
        byte[] bytes = range.network().getAddress();
        BigInteger bit = BigInteger.ONE.shiftLeft(bits(range) - range.prefixLength() - 1);
        byte[] sum = new BigInteger(1, bytes).or(bit).toByteArray();
        byte[] network = new byte[bytes.length];
        int length = Math.min(sum.length, network.length);
        System.arraycopy(sum, sum.length - length, network, network.length - length, length);
        try {
            return new Cidr(InetAddress.getByAddress(network), range.prefixLength() + 1);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(range.toString(), e);
        }
    }

    private static int bits(Cidr range) {
        return range.isIpv6() ? 128 : 32;
    }
}
