/**
 * The transport for whoever has a TCP path to the manager, directly or through a gRPC proxy: HTTP/2
 * with gRPC's framing, a call for each flow. The calls are published in {@code tp/v1/tunnel.proto}.
 *
 * @provides tp.spi.transport.TransportProvider {@code grpc}
 * @provides tp.spi.transport.ListenerProvider its half in the manager
 */
@org.jspecify.annotations.NullMarked
module tp.transport.grpc {
    requires static transitive org.jspecify;
    requires io.netty.codec;
    requires io.netty.codec.http2;
    requires io.netty.handler;
    requires tp.spi.transport;

    provides tp.spi.transport.TransportProvider with
            tp.transport.grpc.GrpcProvider;
    provides tp.spi.transport.ListenerProvider with
            tp.transport.grpc.GrpcListenerProvider;
}
