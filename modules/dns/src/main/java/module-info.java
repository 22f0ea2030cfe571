/**
 * Which names are the cluster's, and how they are answered: the resolver that the host asks while a
 * session lasts, and the built-in ways to make the host ask it.
 *
 * @provides tp.spi.dns.DnsProvider {@code systemd-resolved}, {@code resolv.conf}, {@code redirect}
 */
@org.jspecify.annotations.NullMarked
module tp.dns {
    requires static transitive org.jspecify;
    requires transitive tp.spi.dns;
    requires org.dnsjava;

    exports tp.dns;

    provides tp.spi.dns.DnsProvider with
            tp.dns.SystemdResolvedProvider,
            tp.dns.ResolvConfProvider,
            tp.dns.RedirectProvider;
}
