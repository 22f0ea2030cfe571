package tp.testkit.link;

import java.util.Locale;
import tp.packet.IpProtocol;

/**
 * Which packets a link never lets through, though others pass.
 *
 * @param port of either end; zero for every port
 * @param longerThanBytes packets of up to this length pass (IP header counted: a datagram of 1,200
 *     bytes over IPv4 is a packet of 1,228); -1 to let none pass
 */
public record Rule(Protocol protocol, int port, int longerThanBytes) {

    /** What is looked at. */
    public enum Protocol {
        ANY(-1),
        TCP(IpProtocol.TCP),
        UDP(IpProtocol.UDP),
        ICMP(IpProtocol.ICMP);

        private final int number;

        Protocol(int number) {
            this.number = number;
        }

        boolean matches(int other) {
            return number < 0 || number == other;
        }

        boolean hasPorts() {
            return this != ICMP;
        }
    }

    public Rule {
        if (port < 0 || port > 0xffff || longerThanBytes < -1) {
            throw new IllegalArgumentException("port " + port + ", length " + longerThanBytes);
        }
    }

    /** Nothing of that protocol passes. */
    public static Rule block(Protocol protocol) {
        return new Rule(protocol, 0, -1);
    }

    /** Nothing of that protocol to or from that port passes. */
    public static Rule block(Protocol protocol, int port) {
        return new Rule(protocol, port, -1);
    }

    /** Only short packets of that protocol pass. */
    public static Rule dropLonger(Protocol protocol, int bytes) {
        return new Rule(protocol, 0, bytes);
    }

    /**
     * @param ports source and destination, as the header has them; zero where there are none
     */
    boolean drops(int packetProtocol, int ports, int bytes) {
        return protocol.matches(packetProtocol)
                && bytes > longerThanBytes
                && (port == 0 || (ports >>> 16) == port || (ports & 0xffff) == port);
    }

    /** {@return the form that {@link #parse} reads, such as {@code udp>1228} or {@code tcp:443}} */
    @Override
    public String toString() {
        return protocol.name().toLowerCase(Locale.ROOT)
                + (port == 0 ? "" : ":" + port)
                + (longerThanBytes < 0 ? "" : ">" + longerThanBytes);
    }

    static Rule parse(String text) {
        String[] parts = text.split(">", 2);
        String[] name = parts[0].split(":", 2);
        return new Rule(
                Protocol.valueOf(name[0].toUpperCase(Locale.ROOT)),
                name.length == 1 ? 0 : Integer.parseInt(name[1]),
                parts.length == 1 ? -1 : Integer.parseInt(parts[1]));
    }
}
