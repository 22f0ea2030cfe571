/**
 * The transport for whoever has a UDP path to the manager: a QUIC stream for each flow, datagrams
 * for UDP, and a connection that follows the client to a new address.
 *
 * @provides tp.spi.transport.TransportProvider {@code quic}
 * @provides tp.spi.transport.ListenerProvider its half in the manager
 */
@org.jspecify.annotations.NullMarked
module tp.transport.quic {
    requires static transitive org.jspecify;
    requires io.netty.codec.classes.quic;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires tp.spi.transport;

    provides tp.spi.transport.TransportProvider with
            tp.transport.quic.QuicProvider;
    provides tp.spi.transport.ListenerProvider with
            tp.transport.quic.QuicListenerProvider;
}
