package tp.dns;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.ReverseMap;
import tp.spi.common.Cidr;

/** The zones of reverse names (RFC 1035 §3.5, RFC 3596 §2.5) that make up a range of addresses. */
final class ReverseZones {

    /** Zones are cut at octets and nibbles; a range that needs more of them than this has none. */
    private static final int MAX_ZONES = 16;

    private ReverseZones() {}

    /** {@return names without a trailing dot, which together hold that range and nothing else} */
    static List<String> of(Cidr range) {
        int bits = range.isIpv6() ? 128 : 32;
        int step = range.isIpv6() ? 4 : 8;
        int labels = Math.max(1, (range.prefixLength() + step - 1) / step);
        int zones = 1 << (labels * step - range.prefixLength());
        List<String> names = new ArrayList<>();
        if (zones > MAX_ZONES) {
            return names;
        }
        BigInteger first = new BigInteger(1, range.network().getAddress());
        for (int i = 0; i < zones; i++) {
            BigInteger offset = BigInteger.valueOf(i).shiftLeft(bits - labels * step);
            String whole = ReverseMap.fromAddress(address(first.add(offset), bits)).toString(true);
            names.add(afterLabels(whole, bits / step - labels));
        }
        return names;
    }

    private static String afterLabels(String name, int count) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            at = name.indexOf('.', at) + 1;
        }
        return name.substring(at);
    }

    private static InetAddress address(BigInteger value, int bits) {
        byte[] digits = value.toByteArray();
        byte[] bytes = new byte[bits / 8];
        int length = Math.min(digits.length, bytes.length);
        System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(value.toString(), e);
        }
    }
}
