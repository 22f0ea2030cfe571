/** The laptop's daemon, which puts all parts together. */
@org.jspecify.annotations.NullMarked
module tp.daemon {
    requires static transitive org.jspecify;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires tp.os;
    requires tp.packet;
    requires tp.spi.common;
    requires tp.stack;
    requires tp.tunnel;
}
