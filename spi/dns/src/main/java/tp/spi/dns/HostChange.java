package tp.spi.dns;

import java.net.InetAddress;
import java.util.List;

/** A change to the host's resolver, as a value. Only the helper applies it, after validation. */
public sealed interface HostChange {

    /**
     * Replaces the text of {@code /etc/resolv.conf}.
     *
     * @param content at most 4 KiB; {@code nameserver}, {@code search}, {@code options} and
     *     comments
     */
    record ResolvConf(String content) implements HostChange {}

    /** Sets the servers and routing domains of a link in systemd-resolved. */
    record LinkDns(String device, List<InetAddress> servers, List<String> domains)
            implements HostChange {
        public LinkDns {
            servers = List.copyOf(servers);
            domains = List.copyOf(domains);
        }
    }

    /** Redirects the host's own packets to port 53 of those servers to another address. */
    record Port53Redirect(List<InetAddress> servers, InetAddress target) implements HostChange {
        public Port53Redirect {
            servers = List.copyOf(servers);
        }
    }
}
