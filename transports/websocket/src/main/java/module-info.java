/**
 * The transport for whoever gets HTTP through and nothing else: one websocket, by the API server's
 * proxy of Services with the user's own credentials, or to any {@code wss://} address such as that
 * of an ingress.
 *
 * @provides tp.spi.transport.TransportProvider {@code websocket}
 * @provides tp.spi.transport.ListenerProvider its half in the manager
 */
@org.jspecify.annotations.NullMarked
module tp.transport.websocket {
    requires static transitive org.jspecify;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.handler;
    requires tp.spi.transport;

    provides tp.spi.transport.TransportProvider with
            tp.transport.websocket.WebSocketProvider;
    provides tp.spi.transport.ListenerProvider with
            tp.transport.websocket.WebSocketListenerProvider;
}
