/**
 * A session between laptop and manager: TLS 1.3 pinned to the manager's key, streams, and on them
 * the flows, datagrams and DNS questions of {@code docs/protocol.md}.
 */
@org.jspecify.annotations.NullMarked
module tp.tunnel {
    requires static transitive org.jspecify;
    requires transitive io.netty.buffer;
    requires transitive io.netty.transport;
    requires transitive tp.spi.common;
    requires transitive tp.spi.transport;
    requires io.netty.codec.http2;
    requires io.netty.codec.http;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;

    exports tp.tunnel;
}
