package tp.os;

import java.net.InetAddress;
import tp.spi.common.AddressText;
import tp.spi.common.Cidr;

/**
 * An address of this host with the length of its subnet's prefix. Unlike a {@link Cidr} it keeps
 * the host's own bits.
 */
public record InterfaceAddress(InetAddress address, int prefixLength) {

    public InterfaceAddress {
        if (prefixLength < 0 || prefixLength > address.getAddress().length * 8) {
            throw new IllegalArgumentException(prefixLength + " bits do not fit " + address);
        }
    }

    /**
     * @param text such as {@code 10.254.7.1/24}
     * @throws IllegalArgumentException where the text is anything else
     */
    public static InterfaceAddress parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("no prefix length in " + text);
        }
        return new InterfaceAddress(
                InetAddress.ofLiteral(text.substring(0, slash)),
                Integer.parseInt(text.substring(slash + 1)));
    }

    /** {@return the addresses that are reached directly} */
    public Cidr subnet() {
        return new Cidr(address, prefixLength);
    }

    @Override
    public String toString() {
        return AddressText.of(address) + "/" + prefixLength;
    }
}
