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

    private static final int MAX_SERVERS = 3;
    private static final int MAX_DOMAINS = 255;
    private static final int MAX_REDIRECTED = 8;
    private static final int MIN_MTU = 1280;
    private static final int MAX_MTU = 65_535;
    private static final int MIN_PREFIX_IPV4 = 8;
    private static final int MIN_PREFIX_IPV6 = 32;
    private static final Pattern SESSION_ID = Pattern.compile("[0-9a-f]{8}");

    /** A domain of systemd-resolved; with a tilde it only routes. The root would take all names. */
    private static final Pattern DOMAIN =
            Pattern.compile("~?(?=.{1,253}$)[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*");

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
            // Also of a comment: who ends a line at a carriage return reads on behind it.
            if (line.chars().anyMatch(c -> c != '\t' && Character.isISOControl(c))) {
                throw bug("resolv.conf would have a control character");
            }
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

    /**
     * @param device the session's own
     * @param subnets of that device
     */
    static void linkDns(HostChange.LinkDns link, String device, List<InterfaceAddress> subnets) {
        if (!link.device().equals(device)) {
            throw bug("the helper sets no servers of a device that is not the session's");
        }
        if (link.servers().isEmpty() || link.servers().size() > MAX_SERVERS) {
            throw bug("a link has 1 to " + MAX_SERVERS + " servers");
        }
        if (link.servers().stream().anyMatch(server -> !isWithin(server, subnets))) {
            throw bug("a link's server would not be on tp's own device");
        }
        if (link.domains().isEmpty() || link.domains().size() > MAX_DOMAINS) {
            throw bug("a link has 1 to " + MAX_DOMAINS + " domains");
        }
        if (link.domains().stream().anyMatch(domain -> !DOMAIN.matcher(domain).matches())) {
            throw bug("a link's domain would be none, or the root of all names");
        }
    }

    /**
     * @param servers that programs on this host ask
     * @param subnets of the session's own device
     */
    static void redirect(
            HostChange.Port53Redirect redirect,
            Set<InetAddress> servers,
            List<InterfaceAddress> subnets) {
        if (!isWithin(redirect.target(), subnets)) {
            throw bug("port 53 would be redirected to others than tp's own device");
        }
        if (redirect.servers().isEmpty() || redirect.servers().size() > MAX_REDIRECTED) {
            throw bug("the helper redirects 1 to " + MAX_REDIRECTED + " servers");
        }
        for (InetAddress server : redirect.servers()) {
            if (!servers.contains(server) || isWithin(server, subnets)) {
                throw bug("a server would be redirected that this host does not ask");
            }
            if (server.getClass() != redirect.target().getClass()) {
                throw bug("a server would be redirected to another family of addresses");
            }
        }
    }

    /**
     * @param addresses of the session's own device
     */
    static void listen(HelperRequest.Listen listen, List<InterfaceAddress> addresses) {
        if (addresses.stream().noneMatch(own -> own.address().equals(listen.address()))) {
            throw bug("the helper listens on no address but its device's");
        }
    }

    private static boolean isWithin(InetAddress address, List<InterfaceAddress> subnets) {
        return subnets.stream().anyMatch(own -> own.subnet().contains(address));
    }

    private static void nameserver(String[] words, List<InterfaceAddress> subnets) {
        InetAddress address = null;
        try {
            address = words.length == 2 ? InetAddress.ofLiteral(words[1]) : null;
        } catch (IllegalArgumentException e) {
            // Refused below.
        }
        if (address == null || !isWithin(address, subnets)) {
            throw bug("a nameserver would not be on tp's own device");
        }
    }

    static TpException bug(String what) {
        return new TpException(TpException.Category.BUG, what, "report this");
    }
}
