package tp.manager;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tp.spi.common.AddressRanges;
import tp.spi.common.Cidr;

/** Ranges out of addresses that were seen, where the cluster does not tell them. */
final class Ranges {

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
        return sorted(ranges, AddressRanges.of(outside(ranges, addresses)));
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
            int bits =
                    address.getAddress().length == 4
                            ? AddressRanges.WIDEST_IPV4_BITS
                            : AddressRanges.WIDEST_IPV6_BITS;
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
