package tp.daemon;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import tp.spi.common.Cidr;
import tp.tunnel.Welcome;

/**
 * Which ranges of the cluster are routed into the tunnel. What the host routed before stays the
 * host's, and the addresses by which the tunnel itself is reached are cut out.
 *
 * @param routes to be set
 * @param skipped ranges of the cluster that are not, or not wholly, routed
 */
record RoutePlan(SequencedSet<Cidr> routes, List<Skipped> skipped) {

    static final RoutePlan NONE = new RoutePlan(new LinkedHashSet<>(), List.of());

    /** A range and why it is not routed, in one line. */
    record Skipped(Cidr range, String reason) {}

    /** The helper refuses routes wider than these. */
    private static final int SHORTEST_IPV4 = 8;

    private static final int SHORTEST_IPV6 = 32;

    /** {@return where the cluster's services and pods are} */
    static List<Cidr> clusterRanges(Welcome welcome) {
        List<Cidr> ranges = new ArrayList<>(welcome.serviceSubnets());
        ranges.addAll(welcome.podSubnets());
        return ranges;
    }

    /**
     * @param cluster the cluster's ranges of services and pods
     * @param hostRoutes what the host routes besides our own device
     * @param kept addresses that must be reached outside the tunnel: the API server, the host's
     *     name servers
     */
    static RoutePlan of(
            Collection<Cidr> cluster,
            Collection<Cidr> hostRoutes,
            Collection<InetAddress> kept,
            boolean hasIpv6) {
        SequencedSet<Cidr> routes = new LinkedHashSet<>();
        List<Skipped> skipped = new ArrayList<>();
        for (Cidr range : new LinkedHashSet<>(cluster)) {
            String obstacle = obstacle(range, hostRoutes, hasIpv6);
            if (!obstacle.isEmpty()) {
                skipped.add(new Skipped(range, obstacle));
                continue;
            }
            hostRoutes.stream()
                    .filter(route -> narrower(route, range))
                    .forEach(
                            route ->
                                    skipped.add(
                                            new Skipped(
                                                    route,
                                                    "this host has a route of its own to it")));
            List<Cidr> rest = List.of(range);
            for (InetAddress address : kept) {
                if (range.contains(address)) {
                    skipped.add(
                            new Skipped(
                                    new Cidr(address, bits(range)),
                                    "it is reached outside the tunnel"));
                    rest = without(rest, address);
                }
            }
            routes.addAll(rest);
        }
        return new RoutePlan(routes, List.copyOf(skipped));
    }

    private static String obstacle(Cidr range, Collection<Cidr> hostRoutes, boolean hasIpv6) {
        if (range.isIpv6() && !hasIpv6) {
            return "this host has no IPv6";
        }
        if (range.prefixLength() < (range.isIpv6() ? SHORTEST_IPV6 : SHORTEST_IPV4)) {
            return "it is too wide to be a cluster's";
        }
        for (Cidr route : hostRoutes) {
            // A default route, or the two halves by which a VPN stands for one, is no claim.
            if (route.prefixLength() > 1
                    && route.prefixLength() <= range.prefixLength()
                    && route.overlaps(range)) {
                return "this host has a route to " + route;
            }
        }
        return "";
    }

    /** The kernel takes the longest prefix, so that such a route needs no gap in ours. */
    private static boolean narrower(Cidr route, Cidr range) {
        return route.prefixLength() > range.prefixLength() && route.overlaps(range);
    }

    private static List<Cidr> without(List<Cidr> ranges, InetAddress address) {
        List<Cidr> rest = new ArrayList<>();
        for (Cidr range : ranges) {
            Cidr half = range;
            while (half.contains(address) && half.prefixLength() < bits(half)) {
                Cidr low = new Cidr(half.network(), half.prefixLength() + 1);
                Cidr high = upperHalf(half);
                rest.add(low.contains(address) ? high : low);
                half = low.contains(address) ? low : high;
            }
            if (!half.contains(address)) {
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
