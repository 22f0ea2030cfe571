package tp.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import tp.packet.IpAddress;

/**
 * The TUN's own network in one family, and who lives there.
 *
 * @param device the device's own address: the listener's, and the source of what applications send
 * @param dns tp's DNS, and the router that ICMP errors come from. Not {@code device}: a packet from
 *     an address of its own is a martian to the kernel
 * @param firstAlias the first of the addresses that rewritten connections come from
 * @param aliases how many
 * @param prefixLength of the network
 * @param listenerPort where the local listener accepts
 */
public record LocalNet(
        InetAddress device,
        InetAddress dns,
        InetAddress firstAlias,
        int aliases,
        int prefixLength,
        int listenerPort) {

    /** Ports below are left out because firewalls like to have opinions about them. */
    private static final int FIRST_PORT = 1024;

    private static final int PORTS_PER_ALIAS = 65536 - FIRST_PORT;

    /** {@return the network laid out as tp does: .1 device, .2 DNS, .16 to .31 aliases} */
    public static LocalNet of(InetAddress network, int prefixLength, int listenerPort) {
        return new LocalNet(
                plus(network, 1),
                plus(network, 2),
                plus(network, 16),
                16,
                prefixLength,
                listenerPort);
    }

    private static InetAddress plus(InetAddress network, int distance) {
        return IpAddress.toInetAddress(IpAddress.high(network), IpAddress.low(network) + distance);
    }

    int slots() {
        return aliases * PORTS_PER_ALIAS;
    }

    /** {@return the place of a slot} The same slot has the same port in both families. */
    InetSocketAddress place(int slot) {
        return new InetSocketAddress(plus(firstAlias, slot / PORTS_PER_ALIAS), portOf(slot));
    }

    static int aliasOf(int slot) {
        return slot / PORTS_PER_ALIAS;
    }

    static int portOf(int slot) {
        return FIRST_PORT + slot % PORTS_PER_ALIAS;
    }

    static int slotOf(int alias, int port) {
        return port < FIRST_PORT ? -1 : alias * PORTS_PER_ALIAS + port - FIRST_PORT;
    }
}
