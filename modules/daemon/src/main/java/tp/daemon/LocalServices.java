package tp.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tp.packet.IpAddress;
import tp.stack.FlowView;
import tp.tunnel.TcpFlow;

/** What answers at tp's own address in the TUN's network: DNS, and the probe. */
final class LocalServices {

    /** Where a datagram belongs. */
    enum Place {
        DNS,
        NOBODY,
        TUNNEL
    }

    private record Bits(long high, long low) {}

    private final List<InetAddress> addresses;
    private final List<Bits> bits = new ArrayList<>();
    private final DnsPort dns;
    private final ListenerProbe probe;

    LocalServices(List<InetAddress> addresses, DnsPort dns, ListenerProbe probe) {
        this.addresses = addresses;
        this.dns = dns;
        this.probe = probe;
        addresses.forEach(at -> bits.add(new Bits(IpAddress.high(at), IpAddress.low(at))));
    }

    boolean isHere(InetAddress address) {
        return addresses.contains(address);
    }

    /** {@return who serves a connection to one of our addresses; empty refuses it} */
    Optional<TcpFlow> connection(InetSocketAddress target) {
        return switch (target.getPort()) {
            case DnsPort.PORT -> Optional.of(dns.tcp());
            case ListenerProbe.PORT -> Optional.of(probe.expect(target.getAddress()));
            default -> Optional.empty();
        };
    }

    /** Allocates nothing. */
    Place datagram(FlowView flow) {
        for (int i = 0; i < bits.size(); i++) {
            Bits here = bits.get(i);
            if (flow.isTo(here.high(), here.low())) {
                return flow.destinationPort() == DnsPort.PORT ? Place.DNS : Place.NOBODY;
            }
        }
        return Place.TUNNEL;
    }
}
