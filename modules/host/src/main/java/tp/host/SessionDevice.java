package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import tp.os.Descriptor;
import tp.os.Errno;
import tp.os.InterfaceAddress;
import tp.os.NetworkConfiguration;
import tp.os.NetworkLink;
import tp.os.OsException;
import tp.os.Route;
import tp.os.Tun;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;

/**
 * The session's device in the helper: addresses and routes, and the descriptor until it is passed.
 */
final class SessionDevice implements AutoCloseable {

    private static final Duration OWN_ROUTES = Duration.ofMillis(500);
    private static final Duration LOOK = Duration.ofMillis(1);

    private final Descriptor descriptor;
    private final NetworkConfiguration network;
    private final NetworkLink link;
    private final List<InterfaceAddress> addresses;
    private final boolean ipv6;
    private Set<Cidr> routes = new HashSet<>();

    private SessionDevice(
            Descriptor descriptor,
            NetworkConfiguration network,
            NetworkLink link,
            List<InterfaceAddress> addresses,
            boolean ipv6) {
        this.descriptor = descriptor;
        this.network = network;
        this.link = link;
        this.addresses = addresses;
        this.ipv6 = ipv6;
    }

    static SessionDevice open(String name, HelperRequest.OpenDevice request) throws IOException {
        Descriptor descriptor = create(name);
        NetworkConfiguration network = NetworkConfiguration.open();
        try {
            NetworkLink link =
                    network.link(name).orElseThrow(() -> new IOException(name + " is not there"));
            network.bringUp(link, request.mtu());
            boolean ipv6 = true;
            for (InterfaceAddress address : request.addresses()) {
                ipv6 &= add(network, link, address);
            }
            if (ipv6) {
                awaitOwnRoutes(network, link, request.addresses());
            }
            return new SessionDevice(descriptor, network, link, request.addresses(), ipv6);
        } catch (IOException e) {
            network.close();
            descriptor.close();
            throw e;
        }
    }

    /**
     * The kernel has taken an IPv6 address, and receives for it when a worker of its own has made
     * its route (addrconf_dad_work). A SYN before that is lost, and comes again after a second. Who
     * has waited for so long goes on all the same.
     */
    private static void awaitOwnRoutes(
            NetworkConfiguration network, NetworkLink link, List<InterfaceAddress> addresses)
            throws IOException {
        Set<InetAddress> missing = new HashSet<>();
        addresses.forEach(one -> missing.add(one.address()));
        long endNs = System.nanoTime() + OWN_ROUTES.toNanos();
        while (true) {
            network.routes().stream()
                    .filter(route -> route.kind() == Route.Kind.LOCAL)
                    .filter(route -> route.linkIndex() == link.index())
                    .forEach(route -> missing.remove(route.destination().network()));
            if (missing.isEmpty() || System.nanoTime() > endNs) {
                return;
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private static Descriptor create(String name) throws OsException {
        try {
            return Tun.create(name);
        } catch (OsException e) {
            throw explained(e).orElseThrow(() -> e);
        }
    }

    private static Optional<TpException> explained(OsException e) {
        return switch (e.errno()) {
            case ENOENT, ENODEV, ENXIO ->
                    Optional.of(
                            TpException.environment(
                                    "this kernel offers no TUN device: " + e.getMessage(),
                                    "load it (modprobe tun), or give this container /dev/net/tun"));
            case EACCES ->
                    Optional.of(
                            TpException.environment(
                                    "the device node is not open to this user: " + e.getMessage(),
                                    "open it to all, as udev does (chmod 666 /dev/net/tun)"));
            case EPERM ->
                    Optional.of(
                            TpException.environment(
                                    "root may not make a network device here: " + e.getMessage(),
                                    "give this container CAP_NET_ADMIN and /dev/net/tun"));
            default ->
                    Optional.of(
                            TpException.environment(
                                    "no network device can be made here: " + e.getMessage(),
                                    "see whether /dev/net/tun is a TUN device"
                                            + " (`ls -l` shows \"10, 200\")"));
        };
    }

    /** {@return false where it is an IPv6 address and this host does without IPv6} */
    private static boolean add(
            NetworkConfiguration network, NetworkLink link, InterfaceAddress address)
            throws IOException {
        try {
            network.addAddress(link, address);
            return true;
        } catch (OsException e) {
            if (address.subnet().isIpv6() && meansNoIpv6(e.errno())) {
                return false;
            }
            throw e;
        }
    }

    /** With the sysctl disable_ipv6 the kernel says EACCES, without the module EOPNOTSUPP. */
    private static boolean meansNoIpv6(Errno errno) {
        return errno == Errno.EACCES
                || errno == Errno.EOPNOTSUPP
                || errno == Errno.EAFNOSUPPORT
                || errno == Errno.EINVAL;
    }

    boolean ipv6() {
        return ipv6;
    }

    List<InterfaceAddress> addresses() {
        return addresses;
    }

    /** {@return the descriptor} The receiver closes it. */
    Descriptor takeDescriptor() {
        return descriptor;
    }

    /** Sets the difference; if one cannot be added, those added before it are taken back. */
    List<String> routes(List<Cidr> wanted) throws IOException {
        List<String> notes = new ArrayList<>();
        Set<Cidr> next = new HashSet<>(wanted);
        List<Cidr> added = new ArrayList<>();
        for (Cidr range : next) {
            if (routes.contains(range)) {
                continue;
            }
            if (range.isIpv6() && !ipv6) {
                notes.add(range + " is not reachable: this host has no IPv6");
                continue;
            }
            try {
                network.addRoute(link, range);
                added.add(range);
            } catch (OsException e) {
                for (Cidr taken : added) {
                    delete(taken);
                }
                if (e.errno() == Errno.EEXIST) {
                    throw TpException.environment(
                            range + " is routed elsewhere on this host",
                            "see `ip route`; leave that network, or remove the range");
                }
                throw e;
            }
        }
        for (Cidr range : routes) {
            if (!next.contains(range)) {
                delete(range);
            }
        }
        routes = next;
        return notes;
    }

    private void delete(Cidr range) throws IOException {
        try {
            network.deleteRoute(link, range);
        } catch (OsException e) {
            if (e.errno() != Errno.ESRCH && e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        descriptor.close();
        network.close();
    }
}
