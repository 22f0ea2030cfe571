/**
 * The core: finds the providers of the three extension points, picks among them, and keeps a
 * session with the manager alive, or one with the API server alone.
 *
 * @uses tp.spi.transport.TransportProvider how bytes reach the manager
 * @uses tp.spi.dns.DnsProvider how this host is made to ask tp
 * @uses tp.spi.namespace.NamespaceProvider which namespaces are mapped
 */
@org.jspecify.annotations.NullMarked
module tp.connector {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;
    requires transitive tp.spi.transport;
    requires transitive tp.spi.dns;
    requires transitive tp.spi.namespace;
    requires transitive tp.kube;
    requires transitive tp.tunnel;

    exports tp.connector;

    uses tp.spi.transport.TransportProvider;
    uses tp.spi.dns.DnsProvider;
    uses tp.spi.namespace.NamespaceProvider;
}
