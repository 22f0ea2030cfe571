package tp.os;

import tp.spi.common.Cidr;

/**
 * An entry of one of the kernel's routing tables.
 *
 * @param table its number; 254 is the one that {@code ip route} shows, 255 has the host's own
 *     addresses
 * @param linkIndex the link it leads to, 0 if it leads to several or to none
 * @param metric lower is preferred
 */
public record Route(Cidr destination, int table, int linkIndex, Kind kind, int metric) {

    /** What happens to a packet. */
    public enum Kind {
        UNICAST,
        /** Delivered here. */
        LOCAL,
        BROADCAST,
        MULTICAST,
        /** Refused in one way or another. */
        REFUSED,
        OTHER
    }

    /** {@return whether it takes every packet of its family} */
    public boolean isDefault() {
        return destination.prefixLength() == 0;
    }
}
