package tp.host;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tp.os.InterfaceAddress;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;

/** What the helper does for a daemon, whoever made the daemon ask. All else is refused. */
final class HelperRules {

    static final int MAX_ADDRESSES = 8;
    static final int MAX_ROUTES = 2048;
    static final int MAX_RESOLV_CONF_BYTES = 4096;

    private static final int MIN_MTU = 1280;
    private static final int MAX_MTU = 65_535;
    private static final int MIN_PREFIX_IPV4 = 8;
    private static final int MIN_PREFIX_IPV6 = 32;
    private static final Pattern SESSION_ID = Pattern.compile("[0-9a-f]{8}");
    private static final Set<String> KEYWORDS = Set.of("nameserver", "search", "options");

    /**
     * "This host", loopback, link-local, multicast, reserved. Mapped IPv4 ranges cannot be said.
     */
    private static final List<Cidr> NEVER =
            List.of(
                    Cidr.parse("0.0.0.0/8"),
                    Cidr.parse("127.0.0.0/8"),
                    Cidr.parse("169.254.0.0/16"),
                    Cidr.parse("224.0.0.0/3"),
                    Cidr.parse("::/96"),
                    Cidr.parse("fe80::/10"),
                    Cidr.parse("ff00::/8"));

    private HelperRules() {}

    static boolean isSessionId(String id) {
        return SESSION_ID.matcher(id).matches();
    }

    static void sessionId(String id) {
        if (!isSessionId(id)) {
            throw bug("a session's id has 8 hexadecimal digits");
        }
    }

    static void device(HelperRequest.OpenDevice open) {
        if (open.mtu() < MIN_MTU || open.mtu() > MAX_MTU) {
            throw bug("the helper sets no MTU of " + open.mtu());
        }
        if (open.addresses().isEmpty() || open.addresses().size() > MAX_ADDRESSES) {
            throw bug("a device has 1 to " + MAX_ADDRESSES + " addresses");
        }
        for (InterfaceAddress address : open.addresses()) {
            range(address.subnet());
        }
    }

    static void routes(List<Cidr> wanted) {
        if (wanted.size() > MAX_ROUTES) {
            throw TpException.environment(
                    "the cluster has " + wanted.size() + " ranges, tp sets " + MAX_ROUTES,
                    "map fewer namespaces");
        }
        wanted.forEach(HelperRules::range);
    }

    private static void range(Cidr range) {
        int least = range.isIpv6() ? MIN_PREFIX_IPV6 : MIN_PREFIX_IPV4;
        if (range.prefixLength() < least) {
            throw TpException.environment(
                    range + " is too large a range to lead into a tunnel",
                    "correct the cluster's subnets");
        }
        for (Cidr never : NEVER) {
            if (range.overlaps(never)) {
                throw TpException.environment(
                        range + " touches " + never + ", which stays this host's",
                        "correct the cluster's subnets");
            }
        }
    }

    /**
     * @param subnets of the session's own device
     */
    static void resolvConf(HostChange.ResolvConf file, List<InterfaceAddress> subnets) {
        if (file.content().getBytes(StandardCharsets.UTF_8).length > MAX_RESOLV_CONF_BYTES) {
            throw bug("resolv.conf would have more than " + MAX_RESOLV_CONF_BYTES + " bytes");
        }
        for (String line : file.content().split("\n", -1)) {
            if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
                continue;
            }
            String[] words = line.strip().split("\\s+");
            boolean printable = line.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 127));
            if (!printable || !KEYWORDS.contains(words[0])) {
                throw bug("resolv.conf would have the line \"" + words[0] + " …\"");
            }
            if (words[0].equals("nameserver")) {
                nameserver(words, subnets);
            }
        }
    }

    private static void nameserver(String[] words, List<InterfaceAddress> subnets) {
        InetAddress server = null;
        try {
            server = words.length == 2 ? InetAddress.ofLiteral(words[1]) : null;
        } catch (IllegalArgumentException e) {
            // Refused below.
        }
        InetAddress address = server;
        if (address == null || subnets.stream().noneMatch(own -> own.subnet().contains(address))) {
            throw bug("a nameserver would not be on tp's own device");
        }
    }

    private static TpException bug(String what) {
        return new TpException(TpException.Category.BUG, what, "report this");
    }
}
