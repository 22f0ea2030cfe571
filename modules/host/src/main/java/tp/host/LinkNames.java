package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tp.os.NetworkConfiguration;
import tp.os.NetworkLink;
import tp.spi.dns.HostChange;

/**
 * The servers and domains of a link in systemd-resolved, over its D-Bus interface
 * (org.freedesktop.resolve1(5)) by {@code busctl}, which comes with systemd. They end with the
 * link, so that nothing is left of them when the daemon is killed.
 */
final class LinkNames {

    private static final List<String> CALL =
            List.of(
                    "--system",
                    "--quiet",
                    "--timeout=2",
                    "--auto-start=no",
                    "--allow-interactive-authorization=no",
                    "call",
                    "org.freedesktop.resolve1",
                    "/org/freedesktop/resolve1",
                    "org.freedesktop.resolve1.Manager");

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final Path UPLINKS = Path.of("/run/systemd/resolve/resolv.conf");

    private LinkNames() {}

    /** {@return the text in which systemd-resolved lists the servers that it asks itself} */
    static String uplinks() {
        return ResolverFile.text(UPLINKS);
    }

    /** Sets them; the last step is what makes systemd-resolved ask. */
    static void set(HostChange.LinkDns change) throws IOException {
        String link =
                index(change.device())
                        .orElseThrow(() -> new IOException(change.device() + " is not there"));
        // What the host has for other links makes no sense on one that is all tp's.
        call("SetLinkLLMNR", "is", link, "no");
        call("SetLinkMulticastDNS", "is", link, "no");
        call("SetLinkDNSSEC", "is", link, "no");
        call("SetLinkDNSOverTLS", "is", link, "no");
        call("SetLinkDefaultRoute", "ib", link, "false");
        List<String> domains = new ArrayList<>(List.of(link));
        domains.add(Integer.toString(change.domains().size()));
        for (String domain : change.domains()) {
            boolean routeOnly = domain.startsWith("~");
            domains.add(routeOnly ? domain.substring(1) : domain);
            domains.add(Boolean.toString(routeOnly));
        }
        call("SetLinkDomains", "ia(sb)", domains.toArray(String[]::new));
        List<String> servers = new ArrayList<>(List.of(link));
        servers.add(Integer.toString(change.servers().size()));
        change.servers().forEach(server -> addAddress(servers, server));
        call("SetLinkDNS", "ia(iay)", servers.toArray(String[]::new));
    }

    /** Takes them back; there is nothing to do where the link is gone. */
    static void revert(String device) throws IOException {
        Optional<String> link = index(device);
        if (link.isPresent()) {
            call("RevertLink", "i", link.get());
        }
    }

    private static void addAddress(List<String> arguments, InetAddress server) {
        byte[] bytes = server.getAddress();
        arguments.add(Integer.toString(bytes.length == 4 ? AF_INET : AF_INET6));
        arguments.add(Integer.toString(bytes.length));
        for (byte one : bytes) {
            arguments.add(Integer.toString(one & 0xff));
        }
    }

    private static void call(String method, String signature, String... values) throws IOException {
        List<String> arguments = new ArrayList<>(CALL);
        arguments.addAll(List.of(method, signature));
        arguments.addAll(List.of(values));
        SystemCommand.run("busctl", arguments, "");
    }

    private static Optional<String> index(String device) throws IOException {
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            return network.link(device).map(NetworkLink::index).map(String::valueOf);
        }
    }
}
