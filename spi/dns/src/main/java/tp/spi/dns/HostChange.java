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

    /**
     * Sets the servers and domains of a link in systemd-resolved. The link never gets the names of
     * other domains.
     *
     * @param device the session's own
     * @param servers on the session's device, at most 3
     * @param domains at most 255: search domains, and routing domains with a {@code ~} before them;
     *     never the root
     */
    record LinkDns(String device, List<InetAddress> servers, List<String> domains)
            implements HostChange {
        public LinkDns {
            servers = List.copyOf(servers);
            domains = List.copyOf(domains);
        }
    }

    /** Whose packets are redirected. */
    enum Askers {
        /** Programs of this host, and containers and machines behind a bridge of it. */
        ALL,
        /** Only those behind a bridge. Where that cannot be done nothing else fails. */
        BEHIND_BRIDGES
    }

    /**
     * Redirects packets to port 53 of those servers, UDP and TCP, to another address. What tp
     * itself asks them is exempt.
     *
     * @param servers that {@code /etc/resolv.conf} names, or systemd-resolved asks; at most 8
     * @param target on the session's device, of the servers' family
     */
    record Port53Redirect(List<InetAddress> servers, InetAddress target, Askers askers)
            implements HostChange {
        public Port53Redirect {
            servers = List.copyOf(servers);
        }
    }
}
