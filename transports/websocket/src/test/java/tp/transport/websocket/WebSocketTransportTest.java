package tp.transport.websocket;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import tp.spi.transport.Endpoint;
import tp.spi.transport.ListenerProvider;
import tp.spi.transport.TransportProvider;
import tp.testkit.TransportContract;

/** To an address, over TLS. */
class WebSocketTransportTest extends TransportContract {

    @Override
    public TransportProvider provider() {
        return new WebSocketProvider();
    }

    @Override
    protected Optional<ListenerProvider> listener() {
        return Optional.of(new WebSocketListenerProvider());
    }

    @Override
    protected Endpoint endpoint(InetSocketAddress listening) {
        return new Endpoint(
                URI.create(scheme() + "://127.0.0.1:" + listening.getPort()),
                Endpoint.Source.GIVEN);
    }

    String scheme() {
        return "wss";
    }
}
