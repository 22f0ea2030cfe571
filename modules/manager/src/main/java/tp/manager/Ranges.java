package tp.manager;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tp.spi.common.Cidr;

/** Ranges out of addresses that were seen, where the cluster does not tell them. */
final class Ranges {

    /** Never wider than this: a single stray address must not swallow what is not the cluster's. */
    private static final int MAX_IPV4_BITS = 16;

    private static final int MAX_IPV6_BITS = 64;

    /** A laptop takes no more routes than some thousands, a grant no more ranges than 1,024. */
    static final int MAX_RANGES = 512;

    /** How exact ranges are, one after the other, until there are few enough. */
    private static final List<Integer> COARSER_IPV4 = List.of(28, 24, 20, MAX_IPV4_BITS);

    private static final List<Integer> COARSER_IPV6 = List.of(124, 120, 112, MAX_IPV6_BITS);

    private Ranges() {}

    /** {@return the ranges, and what covers the addresses that are in none of them} */
    static List<Cidr> with(Collection<Cidr> ranges, Collection<InetAddress> addresses) {
        return sorted(ranges, covering(outside(ranges, addresses)));
    }

    /**
     * {@return the ranges, and each address that is in none of them} Addresses of Services may lie
     * anywhere, so that what lies between them is nobody's; only of very many it is taken along.
     */
    static List<Cidr> withEach(Collection<Cidr> ranges, Collection<InetAddress> addresses) {
        Set<Cidr> each = new HashSet<>();
        outside(ranges, addresses)
                .forEach(address -> each.add(new Cidr(address, address.getAddress().length * 8)));
        Set<Cidr> few = joined(each);
        for (int step = 0; few.size() > MAX_RANGES && step < COARSER_IPV4.size(); step++) {
            Set<Cidr> wider = new HashSet<>();
            for (Cidr one : few) {
                int bits = (one.isIpv6() ? COARSER_IPV6 : COARSER_IPV4).get(step);
                wider.add(new Cidr(one.network(), Math.min(bits, one.prefixLength())));
            }
            few = joined(wider);
        }
        return sorted(ranges, few);
    }

    /** {@return the same addresses in fewer ranges: two halves of one are that one} */
    private static Set<Cidr> joined(Set<Cidr> ranges) {
        Set<Cidr> joined = new HashSet<>();
        Set<Cidr> level = new HashSet<>(ranges);
        while (!level.isEmpty()) {
            Map<Cidr, Integer> parents = new HashMap<>();
            for (Cidr one : level) {
                if (one.prefixLength() > 0) {
                    parents.merge(parent(one), 1, Integer::sum);
                }
            }
            Set<Cidr> next = new HashSet<>();
            for (Cidr one : level) {
                boolean whole = one.prefixLength() > 0 && parents.getOrDefault(parent(one), 0) == 2;
                (whole ? next : joined).add(whole ? parent(one) : one);
            }
            joined.removeAll(next);
            level = next;
        }
        return joined;
    }

    private static Cidr parent(Cidr range) {
        return new Cidr(range.network(), range.prefixLength() - 1);
    }

    private static List<InetAddress> outside(
            Collection<Cidr> ranges, Collection<InetAddress> addresses) {
        return addresses.stream().filter(address -> !contains(ranges, address)).toList();
    }

    private static List<Cidr> sorted(Collection<Cidr> ranges, Collection<Cidr> others) {
        return Stream.concat(ranges.stream(), others.stream())
                .distinct()
                .sorted(Comparator.comparing(Cidr::isIpv6).thenComparing(Cidr::toString))
                .toList();
    }

    static boolean contains(Collection<Cidr> ranges, InetAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    /** {@return for each /16 (IPv6: /64) the longest prefix that holds its addresses} */
    static List<Cidr> covering(Collection<InetAddress> addresses) {
        Map<String, Cidr> byNetwork = new TreeMap<>();
        for (InetAddress address : addresses) {
            int bits = address.getAddress().length == 4 ? MAX_IPV4_BITS : MAX_IPV6_BITS;
            Cidr alone = new Cidr(address, address.getAddress().length * 8);
            byNetwork.merge(new Cidr(address, bits).toString(), alone, Ranges::common);
        }
        return List.copyOf(byNetwork.values());
    }

    private static Cidr common(Cidr one, Cidr other) {
        byte[] a = one.network().getAddress();
        byte[] b = other.network().getAddress();
        int differs = Arrays.mismatch(a, b);
        int same =
                differs < 0
                        ? a.length * 8
                        : differs * 8
                                + Integer.numberOfLeadingZeros((a[differs] ^ b[differs]) & 0xff)
                                - 24;
        return new Cidr(
                one.network(), Math.min(same, Math.min(one.prefixLength(), other.prefixLength())));
    }
}
