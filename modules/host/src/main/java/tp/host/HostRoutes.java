package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import tp.os.InterfaceAddress;
import tp.os.LinkAddress;
import tp.os.NetworkConfiguration;
import tp.os.NetworkLink;
import tp.os.Route;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;

/** The routes and addresses of this host at one moment, of all tables. Reading needs no right. */
public record HostRoutes(List<Route> routes, List<LinkAddress> addresses) {

    /**
     * Ranges that few networks use: shared (RFC 6598), benchmarks (RFC 2544), private (RFC 1918).
     */
    private static final List<String> CANDIDATES =
            List.of("100.127.%d.1/24", "198.19.%d.1/24", "10.254.%d.1/24", "172.31.%d.1/24");

    private static final int TRIES = 16;

    /** Where virtual addresses may be, in this order. */
    private static final List<Cidr> VIRTUAL_BLOCKS =
            Stream.of("198.18.0.0/15", "100.64.0.0/10", "172.16.0.0/12", "10.0.0.0/8")
                    .map(Cidr::parse)
                    .toList();

    private static final List<Integer> VIRTUAL_PREFIXES = List.of(16, 20, 24);

    /** Of one block and size; where none of these is free, hardly any other is. */
    private static final int MAX_PARTS = 256;

    public HostRoutes {
        routes = List.copyOf(routes);
        addresses = List.copyOf(addresses);
    }

    /** Reads them now. */
    public static HostRoutes read() {
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            return new HostRoutes(network.routes(), network.addresses());
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Reads them now, without those of one device. */
    public static HostRoutes readBeside(String device) {
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            int own = network.link(device).map(NetworkLink::index).orElse(-1);
            return new HostRoutes(
                    network.routes().stream().filter(one -> one.linkIndex() != own).toList(),
                    network.addresses().stream().filter(one -> one.linkIndex() != own).toList());
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static TpException unreadable(IOException e) {
        return new TpException(
                TpException.Category.ENVIRONMENT,
                "cannot read this host's routes: " + e.getMessage(),
                "",
                e);
    }

    /** {@return what of this host shares addresses with that range, apart from default routes} */
    public Optional<Cidr> overlap(Cidr range) {
        for (Route route : routes) {
            if (!route.isDefault() && route.destination().overlaps(range)) {
                return Optional.of(route.destination());
            }
        }
        return addresses.stream()
                .map(address -> address.address().subnet())
                .filter(subnet -> subnet.prefixLength() > 0 && subnet.overlaps(range))
                .findFirst();
    }

    /**
     * Chooses the addresses of a session's device, in ranges that nothing on this host uses: an
     * IPv4 /24 and an IPv6 /64, in each the first address.
     *
     * @param reserved ranges that are not the host's but will be routed, the cluster's
     */
    public List<InterfaceAddress> deviceAddresses(String sessionId, List<Cidr> reserved) {
        List<InterfaceAddress> chosen = new ArrayList<>();
        int id = Integer.parseUnsignedInt(sessionId, 16);
        for (int attempt = 0; chosen.isEmpty(); attempt++) {
            if (attempt == CANDIDATES.size() * TRIES) {
                throw TpException.environment(
                        "this host uses every address range that tp could take for itself",
                        "free one of 100.127.0.0/16, 198.19.0.0/16, 10.254.0.0/16, 172.31.0.0/16");
            }
            int third = (id & 0xff) + 41 * (attempt / CANDIDATES.size()) & 0xff;
            String pattern = CANDIDATES.get(attempt % CANDIDATES.size());
            InterfaceAddress candidate = InterfaceAddress.parse(pattern.formatted(third));
            if (isFree(candidate.subnet(), reserved)) {
                chosen.add(candidate);
            }
        }
        InetAddress six =
                InetAddress.ofLiteral("fd74:7470:%x:%x::1".formatted(id >>> 16, id & 0xffff));
        chosen.add(new InterfaceAddress(six, 64));
        return chosen;
    }

    /**
     * Chooses a range for addresses that stand for others: as large as this host has room for, up
     * to a /16.
     *
     * @param reserved ranges that are not the host's but will be routed
     * @return empty where this host uses all that could be taken
     */
    public Optional<Cidr> virtualIpv4(String sessionId, List<Cidr> reserved) {
        int id = Integer.parseUnsignedInt(sessionId, 16);
        for (int prefix : VIRTUAL_PREFIXES) {
            for (Cidr block : VIRTUAL_BLOCKS) {
                long parts = 1L << (prefix - block.prefixLength());
                for (long i = 0; i < Math.min(parts, MAX_PARTS); i++) {
                    Cidr part = part(block, prefix, Math.floorMod(id + i, parts));
                    if (isFree(part, reserved)) {
                        return Optional.of(part);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Cidr part(Cidr block, int prefix, long number) {
        byte[] network = block.network().getAddress();
        long bits = ByteBuffer.wrap(network).getInt() + (number << (32 - prefix));
        try {
            return new Cidr(
                    InetAddress.getByAddress(ByteBuffer.allocate(4).putInt((int) bits).array()),
                    prefix);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Chooses an IPv6 range of that kind: a unique local one with a random identifier (RFC 4193).
     */
    public Cidr virtualIpv6(RandomGenerator random, List<Cidr> reserved) {
        byte[] network = new byte[16];
        while (true) {
            random.nextBytes(network);
            network[0] = (byte) 0xfd;
            try {
                Cidr range = new Cidr(InetAddress.getByAddress(network), 64);
                if (isFree(range, reserved)) {
                    return range;
                }
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private boolean isFree(Cidr range, List<Cidr> reserved) {
        return overlap(range).isEmpty() && reserved.stream().noneMatch(range::overlaps);
    }
}
