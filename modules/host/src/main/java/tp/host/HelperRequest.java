package tp.host;

import java.net.InetAddress;
import java.util.List;
import tp.os.InterfaceAddress;
import tp.spi.common.Cidr;
import tp.spi.dns.HostChange;

/** What the daemon asks of the helper. Each request has one {@link HelperReply}. */
sealed interface HelperRequest {

    /** Make the session's packet device and pass its descriptor. */
    record OpenDevice(List<InterfaceAddress> addresses, int mtu) implements HelperRequest {
        public OpenDevice {
            addresses = List.copyOf(addresses);
        }
    }

    /** Lead these ranges, and no others, into the device. */
    record SetRoutes(List<Cidr> wanted) implements HelperRequest {
        public SetRoutes {
            wanted = List.copyOf(wanted);
        }
    }

    /** Change the resolver. */
    record Apply(List<HostChange> changes) implements HelperRequest {
        public Apply {
            changes = List.copyOf(changes);
        }
    }

    /** Listen for TCP on that address of the device, and pass the socket. In a namespace only. */
    record Listen(InetAddress address) implements HelperRequest {}

    /** Take back what {@link Apply} did. */
    record Restore() implements HelperRequest {}
}
