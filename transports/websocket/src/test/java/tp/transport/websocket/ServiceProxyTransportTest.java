package tp.transport.websocket;

import tp.spi.transport.TransportProvider;
import tp.testkit.LoopbackCluster;
import tp.testkit.Peer;
import tp.testkit.TransportContract;

/** Through the API server. */
class ServiceProxyTransportTest extends TransportContract {

    static final String PATH =
            "/api/v1/namespaces/tp-system/services/https:tp-manager:websocket/proxy/tp";

    @Override
    public TransportProvider provider() {
        return new WebSocketProvider();
    }

    @Override
    protected void serve(LoopbackCluster cluster, Peer peer) {
        cluster.listen(PATH, peer);
    }
}
