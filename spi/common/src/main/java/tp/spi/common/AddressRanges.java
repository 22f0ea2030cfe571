package tp.spi.common;

import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Ranges to be routed, out of addresses that may lie anywhere. */
public final class AddressRanges {

    /** Never wider than this: a single stray address must not swallow what is not the cluster's. */
    public static final int WIDEST_IPV4_BITS = 16;

    public static final int WIDEST_IPV6_BITS = 64;

    /** A laptop takes no more routes than some thousands, a grant no more ranges than 1,024. */
    public static final int MOST = 512;

    /** How exact ranges are, one after the other, until there are few enough. */
    private static final List<Integer> COARSER_IPV4 = List.of(28, 24, 20, WIDEST_IPV4_BITS);

    private static final List<Integer> COARSER_IPV6 = List.of(124, 120, 112, WIDEST_IPV6_BITS);

    private AddressRanges() {}

    /**
     * {@return each address, in as few ranges as hold these alone} What lies between them is
     * nobody's; only of very many, {@value #MOST} ranges, it is taken along. In no order.
     */
    public static Set<Cidr> of(Collection<InetAddress> addresses) {
        Set<Cidr> each = new HashSet<>();
        addresses.forEach(address -> each.add(new Cidr(address, address.getAddress().length * 8)));
        Set<Cidr> few = joined(each);
        for (int step = 0; few.size() > MOST && step < COARSER_IPV4.size(); step++) {
            Set<Cidr> wider = new HashSet<>();
            for (Cidr one : few) {
                int bits = (one.isIpv6() ? COARSER_IPV6 : COARSER_IPV4).get(step);
                wider.add(new Cidr(one.network(), Math.min(bits, one.prefixLength())));
            }
            few = joined(wider);
        }
        return few;
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
}
