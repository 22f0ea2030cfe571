/**
 * The manager: lets clients in whom the API server knows, and reaches for them what they may reach.
 * The composition root in the cluster.
 */
@org.jspecify.annotations.NullMarked
module tp.manager {
    requires static transitive org.jspecify;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires java.logging;
    requires org.dnsjava;
    requires tp.incluster;
    requires tp.metrics;
    // Its sockets of ICMP echo, which need nothing of jnr-ffi (docs/adr/0015).
    requires tp.os;
    requires tp.spi.common;
    requires tp.spi.transport;
    requires tp.tunnel;

    uses tp.spi.transport.ListenerProvider;

    exports tp.manager;
}
