package tp.spi.common;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * A range of addresses in CIDR notation (RFC 4632, RFC 4291 §2.3). Bits behind the prefix are zero.
 *
 * @param network the first address
 * @param prefixLength in bits: 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Cidr(InetAddress network, int prefixLength) {

    public Cidr {
        byte[] bytes = network.getAddress();
        if (prefixLength < 0 || prefixLength > bytes.length * 8) {
            throw new IllegalArgumentException(
                    "prefix length " + prefixLength + " does not fit " + network);
        }
        for (int bit = prefixLength; bit < bytes.length * 8; bit++) {
            bytes[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
        }
        network = address(bytes);
    }

    /**
     * @param text such as {@code 10.96.0.0/16}; an address alone stands for itself only
     * @throws IllegalArgumentException where the text is anything else; no name is ever looked up
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        // Java takes 10.9 for 10.0.0.9, as old programs do; who writes 10.9/16 means 10.9.0.0/16.
        if (text.indexOf(':') < 0 && text.chars().filter(c -> c == '.').count() != 3) {
            throw new IllegalArgumentException(text + " is no address with four parts");
        }
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int bits = address.getAddress().length * 8;
        return new Cidr(address, slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1)));
    }

    public boolean contains(InetAddress address) {
        byte[] mine = network.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        int whole = prefixLength >> 3;
        if (!Arrays.equals(mine, 0, whole, other, 0, whole)) {
            return false;
        }
        int rest = prefixLength & 7;
        return rest == 0 || ((mine[whole] ^ other[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }

    public boolean overlaps(Cidr other) {
        return prefixLength <= other.prefixLength
                ? contains(other.network)
                : other.contains(network);
    }

    public boolean isIpv6() {
        return network.getAddress().length == 16;
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public String toString() {
        return AddressText.of(network) + "/" + prefixLength;
    }
}
