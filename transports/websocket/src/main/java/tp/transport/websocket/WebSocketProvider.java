package tp.transport.websocket;

import java.util.List;
import java.util.Set;
import tp.spi.common.Assessment;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/** Reaches the manager wherever HTTP gets through. */
public final class WebSocketProvider implements TransportProvider {

    static final String ID = "websocket";

    /** One pipe as port-forward is, but by nobody's kubelet. */
    private static final int SCORE = 40;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Set<String> schemes() {
        return Set.of("ws", "wss");
    }

    @Override
    public Assessment assess(TransportContext context) {
        List<Endpoint> endpoints = WebSocketTransport.endpoints(context);
        return new Assessment.Usable(
                SCORE,
                endpoints.isEmpty()
                        ? "through the API server, with the right to get services/proxy"
                        : "to " + Place.of(endpoints.getFirst().address()).shown());
    }

    @Override
    public Transport create(TransportContext context) {
        return new WebSocketTransport(context);
    }
}
