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
 *
 * <p>Rules see the first packet of a connection only, and to the kernel all datagrams from one port
 * to one server are one connection, for half a minute, whichever sockets have the port in turn. So
 * what is redirected is tracked in a zone of the session's own: it never takes up a connection that
 * was there before, or that of tp's own forwarder, nor does anybody take up one of it afterwards.
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
        boolean before = Files.exists(sign(sessionId));
        Files.write(sign(sessionId), new byte[0]);
        try {
            SystemCommand.run("nft", List.of("-f", "-"), rules(sessionId, change));
        } catch (IOException e) {
            if (!before) {
                // Nothing is left by this: a table is set as a whole or not at all.
                Files.deleteIfExists(sign(sessionId));
            }
            throw e;
        }
    }

    /** {@return the table, in place of one that may be there} */
    private static String rules(String sessionId, HostChange.Port53Redirect change) {
        String family = change.target() instanceof Inet4Address ? "ip" : "ip6";
        String servers =
                change.servers().stream()
                        .map(InetAddress::getHostAddress)
                        .collect(Collectors.joining(", "));
        String target = change.target().getHostAddress();
        String question =
                "%s daddr { %s } meta l4proto { tcp, udp } th dport 53".formatted(family, servers);
        String redirect = "%s dnat %s to %s".formatted(question, family, target);
        boolean all = change.askers() == HostChange.Askers.ALL;
        String exempt = "%s dscp %s return\n    ".formatted(family, EXEMPT);
        String apart = "%s ct original zone set %d".formatted(question, zone(sessionId));
        return """
        table inet %1$s {}
        delete table inet %1$s
        table inet %1$s {
          chain apart {
            type filter hook output priority raw;
            %7$s
          }
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
                        table(sessionId),
                        all ? exempt + redirect : "",
                        redirect,
                        Names.device(sessionId),
                        family,
                        target,
                        all ? exempt + apart : "");
    }

    /** {@return a number of 16 bits; 0 is the zone of all that has none} */
    private static int zone(String sessionId) {
        return 1 + (int) (Long.parseLong(sessionId, 16) % 65_535);
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
