package tp.transport.websocket;

/** To the same port without TLS, as proxies do. */
class PlainWebSocketTransportTest extends WebSocketTransportTest {

    @Override
    String scheme() {
        return "ws";
    }
}
