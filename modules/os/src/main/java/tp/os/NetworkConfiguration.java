package tp.os;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.spi.common.Cidr;

/**
 * The host's links, addresses and routes (rtnetlink(7)). Reading needs no right. For one thread.
 */
public final class NetworkConfiguration implements AutoCloseable {

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_GETROUTE = 26;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    // struct ifinfomsg, 16 bytes; attributes of links.
    private static final int IFINFO_BYTES = 16;
    private static final int IFF_UP = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final byte ADDR_GEN_MODE_NONE = 1;

    // struct ifaddrmsg, 8 bytes; attributes of addresses.
    private static final int IFADDR_BYTES = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_F_NODAD = 2;

    // struct rtmsg, 12 bytes; attributes of routes.
    private static final int RTMSG_BYTES = 12;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_TABLE = 15;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_STATIC = 4;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;

    private final NetlinkSocket kernel;

    private NetworkConfiguration(NetlinkSocket kernel) {
        this.kernel = kernel;
    }

    /** Opens a connection to the kernel. */
    public static NetworkConfiguration open() throws OsException {
        return new NetworkConfiguration(new NetlinkSocket(NetlinkSocket.ROUTE));
    }

    /** {@return all network devices} */
    public List<NetworkLink> links() throws IOException {
        List<NetworkLink> links = new ArrayList<>();
        NetlinkRequest request = new NetlinkRequest(RTM_GETLINK, NetlinkRequest.DUMP);
        kernel.dump(
                "list links",
                ifinfo(request, 0, 0, 0),
                links::clear,
                (type, body) -> {
                    if (type == RTM_NEWLINK && body.limit() >= IFINFO_BYTES) {
                        links.add(link(body));
                    }
                });
        return links;
    }

    /** {@return the device of that name} */
    public Optional<NetworkLink> link(String name) throws IOException {
        return links().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    static NetworkLink link(ByteBuffer body) {
        String[] name = {""};
        int[] mtu = {0};
        NetlinkSocket.attributes(
                body,
                IFINFO_BYTES,
                (type, value) -> {
                    if (type == IFLA_IFNAME) {
                        name[0] =
                                StandardCharsets.US_ASCII
                                        .decode(value)
                                        .toString()
                                        .replace("\0", "");
                    } else if (type == IFLA_MTU && value.limit() == 4) {
                        mtu[0] = value.getInt(0);
                    }
                });
        return new NetworkLink(body.getInt(4), name[0], (body.getInt(8) & IFF_UP) != 0, mtu[0]);
    }

    /**
     * Sets a device up with that MTU, and without a link-local address of its own: a device that
     * has none also sends no router solicitations.
     */
    public void bringUp(NetworkLink link, int mtu) throws IOException {
        NetlinkRequest quiet = new NetlinkRequest(RTM_NEWLINK, NetlinkRequest.ACK);
        ifinfo(quiet, link.index(), 0, 0);
        quiet.nested(IFLA_AF_SPEC, AF_INET6, IFLA_INET6_ADDR_GEN_MODE, ADDR_GEN_MODE_NONE);
        try {
            kernel.request("quieten " + link.name(), quiet);
        } catch (OsException ignored) {
            // A kernel without IPv6 does not know the attribute and needs it not.
        }
        NetlinkRequest up = new NetlinkRequest(RTM_NEWLINK, NetlinkRequest.ACK);
        ifinfo(up, link.index(), IFF_UP, IFF_UP).attribute(IFLA_MTU, mtu);
        kernel.request("set " + link.name() + " up", up);
    }

    private static NetlinkRequest ifinfo(NetlinkRequest request, int index, int flags, int change) {
        return request.intField(0).intField(index).intField(flags).intField(change);
    }

    /** {@return all addresses of all devices, both families} */
    public List<LinkAddress> addresses() throws IOException {
        List<LinkAddress> addresses = new ArrayList<>();
        NetlinkRequest request =
                new NetlinkRequest(RTM_GETADDR, NetlinkRequest.DUMP).intField(0).intField(0);
        kernel.dump(
                "list addresses",
                request,
                addresses::clear,
                (type, body) -> {
                    if (type == RTM_NEWADDR && body.limit() >= IFADDR_BYTES) {
                        address(body).ifPresent(addresses::add);
                    }
                });
        return addresses;
    }

    static Optional<LinkAddress> address(ByteBuffer body) {
        int family = body.get(0);
        ByteBuffer[] found = new ByteBuffer[1];
        NetlinkSocket.attributes(
                body,
                IFADDR_BYTES,
                (type, value) -> {
                    // On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL is ours.
                    if (type == IFA_LOCAL || (type == IFA_ADDRESS && found[0] == null)) {
                        found[0] = value;
                    }
                });
        int prefix = body.get(1) & 0xff;
        return inet(family, found[0])
                .filter(address -> prefix <= address.getAddress().length * 8)
                .map(
                        address ->
                                new LinkAddress(
                                        body.getInt(4), new InterfaceAddress(address, prefix)));
    }

    /** Gives a device an address, usable at once (no duplicate address detection). */
    public void addAddress(NetworkLink link, InterfaceAddress address) throws IOException {
        int flags = NetlinkRequest.ACK | NetlinkRequest.CREATE_EXCLUSIVELY;
        kernel.request(
                "add " + address + " to " + link.name(),
                ifaddr(new NetlinkRequest(RTM_NEWADDR, flags), link, address));
    }

    /** Takes an address from a device. */
    public void deleteAddress(NetworkLink link, InterfaceAddress address) throws IOException {
        kernel.request(
                "delete " + address + " from " + link.name(),
                ifaddr(new NetlinkRequest(RTM_DELADDR, NetlinkRequest.ACK), link, address));
    }

    private static NetlinkRequest ifaddr(
            NetlinkRequest request, NetworkLink link, InterfaceAddress address) {
        boolean six = address.address().getAddress().length == 16;
        request.byteField(six ? AF_INET6 : AF_INET).byteField(address.prefixLength());
        request.byteField(six ? IFA_F_NODAD : 0).byteField(RT_SCOPE_UNIVERSE);
        return request.intField(link.index())
                .attribute(IFA_LOCAL, address.address())
                .attribute(IFA_ADDRESS, address.address());
    }

    /** {@return the routes of all tables, both families, without cached ones} */
    public List<Route> routes() throws IOException {
        List<Route> routes = new ArrayList<>();
        NetlinkRequest request = new NetlinkRequest(RTM_GETROUTE, NetlinkRequest.DUMP);
        request.intField(0).intField(0).intField(0);
        kernel.dump(
                "list routes",
                request,
                routes::clear,
                (type, body) -> {
                    boolean whole = type == RTM_NEWROUTE && body.limit() >= RTMSG_BYTES;
                    if (whole && (body.getInt(8) & RTM_F_CLONED) == 0) {
                        route(body).ifPresent(routes::add);
                    }
                });
        return routes;
    }

    static Optional<Route> route(ByteBuffer body) {
        int family = body.get(0);
        int[] values = new int[RTA_TABLE + 1];
        values[RTA_TABLE] = body.get(4) & 0xff;
        ByteBuffer[] destination = {ByteBuffer.allocate(family == AF_INET6 ? 16 : 4)};
        NetlinkSocket.attributes(
                body,
                RTMSG_BYTES,
                (type, value) -> {
                    if (type == RTA_DST) {
                        destination[0] = value;
                    } else if (type <= RTA_TABLE && value.limit() == 4) {
                        values[type] = value.getInt(0);
                    }
                });
        int prefix = body.get(1) & 0xff;
        Route.Kind kind = kind(body.get(7));
        return inet(family, destination[0])
                .filter(address -> prefix <= address.getAddress().length * 8)
                .map(
                        address ->
                                new Route(
                                        new Cidr(address, prefix),
                                        values[RTA_TABLE],
                                        values[RTA_OIF],
                                        kind,
                                        values[RTA_PRIORITY]));
    }

    /** The types of linux/rtnetlink.h. */
    private static Route.Kind kind(int type) {
        return switch (type) {
            case RTN_UNICAST -> Route.Kind.UNICAST;
            case 2 -> Route.Kind.LOCAL;
            case 3, 4 -> Route.Kind.BROADCAST;
            case 5 -> Route.Kind.MULTICAST;
            case 6, 7, 8 -> Route.Kind.REFUSED;
            default -> Route.Kind.OTHER;
        };
    }

    /** Leads a range directly to a device, in the main table. */
    public void addRoute(NetworkLink link, Cidr destination) throws IOException {
        int flags = NetlinkRequest.ACK | NetlinkRequest.CREATE_EXCLUSIVELY;
        kernel.request(
                "route " + destination + " to " + link.name(),
                rtmsg(new NetlinkRequest(RTM_NEWROUTE, flags), link, destination));
    }

    /** Takes back what {@link #addRoute} did. */
    public void deleteRoute(NetworkLink link, Cidr destination) throws IOException {
        kernel.request(
                "delete the route of " + destination,
                rtmsg(new NetlinkRequest(RTM_DELROUTE, NetlinkRequest.ACK), link, destination));
    }

    private static NetlinkRequest rtmsg(
            NetlinkRequest request, NetworkLink link, Cidr destination) {
        boolean six = destination.isIpv6();
        request.byteField(six ? AF_INET6 : AF_INET).byteField(destination.prefixLength());
        request.byteField(0).byteField(0);
        request.byteField(RT_TABLE_MAIN).byteField(RTPROT_STATIC);
        request.byteField(six ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK).byteField(RTN_UNICAST);
        return request.intField(0)
                .attribute(RTA_DST, destination.network())
                .attribute(RTA_OIF, link.index());
    }

    private static Optional<InetAddress> inet(int family, @Nullable ByteBuffer value) {
        int length = family == AF_INET ? 4 : family == AF_INET6 ? 16 : -1;
        if (value == null || value.limit() != length) {
            return Optional.empty();
        }
        byte[] bytes = new byte[length];
        value.get(0, bytes);
        try {
            return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException ignored) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        kernel.close();
    }
}
