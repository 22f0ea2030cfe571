/** The laptop's daemon, which puts all parts together. */
@org.jspecify.annotations.NullMarked
module tp.daemon {
    requires static transitive org.jspecify;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires java.logging;
    requires tp.connector;
    requires tp.control;
    requires tp.dns;
    requires tp.host;
    requires tp.kube;
    requires tp.metrics;
    requires tp.namespace;
    requires tp.os;
    requires tp.packet;
    requires tp.spi.common;
    requires tp.spi.dns;
    requires tp.spi.namespace;
    requires tp.spi.transport;
    requires tp.stack;
    requires tp.tunnel;
}
