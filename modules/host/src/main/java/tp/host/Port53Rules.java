package tp.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import tp.spi.dns.HostChange;

/**
 * The redirect of port 53, as one nftables table of the session's own.
 *
 * <p>It sees what this host sends itself, and what comes to it from behind a bridge (containers),
 * for those servers; what a LAN sends through this host passes. What tp's own forwarder asks
 * carries a DSCP, and passes. A question to a server on loopback comes from a loopback address,
 * which may leave for the device only if the device allows it; on the way it gets the device's own
 * address.
 */
final class Port53Rules {

    /** DSCP 43: see tp.dns.HostServers. */
    private static final String EXEMPT = "0x2b";

    private Port53Rules() {}

    static void set(String sessionId, HostChange.Port53Redirect change) throws IOException {
        boolean six = !(change.target() instanceof Inet4Address);
        String device = Names.device(sessionId);
        if (!six && change.servers().stream().anyMatch(InetAddress::isLoopbackAddress)) {
            // The device's own setting, which dies with it.
            Path setting = Path.of("/proc/sys/net/ipv4/conf", device, "route_localnet");
            Files.write(setting, "1\n".getBytes(US_ASCII));
        }
        Files.write(sign(sessionId), new byte[0]);
        SystemCommand.run("nft", List.of("-f", "-"), rules(sessionId, change));
    }

    /** {@return the table, in place of one that may be there} */
    private static String rules(String sessionId, HostChange.Port53Redirect change) {
        String family = change.target() instanceof Inet4Address ? "ip" : "ip6";
        String servers =
                change.servers().stream()
                        .map(InetAddress::getHostAddress)
                        .collect(Collectors.joining(", "));
        String target = change.target().getHostAddress();
        String redirect =
                "%1$s daddr { %2$s } meta l4proto { tcp, udp } th dport 53 dnat %1$s to %3$s"
                        .formatted(family, servers, target);
        String own =
                change.askers() == HostChange.Askers.ALL
                        ? "%s dscp %s return\n    %s".formatted(family, EXEMPT, redirect)
                        : "";
        return """
        table inet %1$s {}
        delete table inet %1$s
        table inet %1$s {
          chain own {
            type nat hook output priority -110;
            %2$s
          }
          chain bridges {
            type nat hook prerouting priority -110;
            meta iifkind { "bridge", "veth" } %3$s
          }
          chain leaving {
            type nat hook postrouting priority 90;
            oifname "%4$s" %5$s daddr %6$s meta l4proto { tcp, udp } th dport 53 masquerade
          }
        }
        """
                .formatted(
                        table(sessionId), own, redirect, Names.device(sessionId), family, target);
    }

    /** Takes it back; it may be gone already. */
    static void delete(String sessionId) throws IOException {
        String rules = "table inet %1$s {}\ndelete table inet %1$s\n".formatted(table(sessionId));
        SystemCommand.run("nft", List.of("-f", "-"), rules);
        Files.deleteIfExists(sign(sessionId));
    }

    /**
     * {@return an empty file by which the user's processes, who see neither journal nor rules, know
     * of a redirect that may be a leftover}
     */
    private static Path sign(String sessionId) {
        return StateDirectory.BASE.resolveSibling("tp-" + sessionId + ".redirect");
    }

    private static String table(String sessionId) {
        return "tp_" + sessionId;
    }
}
