package tp.daemon;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import tp.os.InterfaceAddress;
import tp.spi.common.Cidr;
import tp.stack.LocalNet;

/**
 * The session's device.
 *
 * @param name of the device
 * @param addresses its own, one of each family
 * @param hasIpv6 whether the IPv6 one is in use
 */
record DevicePlan(String name, List<InterfaceAddress> addresses, boolean hasIpv6) {

    DevicePlan {
        addresses = List.copyOf(addresses);
    }

    /** {@return what names the session on this host} */
    String sessionId() {
        return name.replaceFirst("^tp", "");
    }

    Cidr ipv4() {
        return network(false).orElseThrow();
    }

    Optional<Cidr> ipv6() {
        return hasIpv6 ? network(true) : Optional.empty();
    }

    /** {@return the address at which tp's resolver answers} */
    InetAddress resolver() {
        Cidr network = ipv4();
        return LocalNet.of(network.network(), network.prefixLength(), 0).dns();
    }

    private Optional<Cidr> network(boolean six) {
        return addresses.stream()
                .filter(own -> own.address() instanceof Inet6Address == six)
                .map(InterfaceAddress::subnet)
                .findFirst();
    }
}
