package tp.transport.grpc;

import java.util.List;
import java.util.Set;
import tp.spi.common.Assessment;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/** Reaches the manager where TCP gets to it, or to a gRPC proxy in front of it. */
public final class GrpcProvider implements TransportProvider {

    static final String ID = "grpc";

    /** For proxies that speak HTTP/2 in the clear; what goes over it is TLS all the same. */
    static final String PLAIN = "grpc+plain";

    /** Direct and fast, a stream for each flow; but one lost packet stops them all. */
    private static final int SCORE = 80;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Set<String> schemes() {
        return Set.of(ID, PLAIN);
    }

    @Override
    public Assessment assess(TransportContext context) {
        List<Endpoint> endpoints = context.endpoints(ID, PLAIN);
        if (endpoints.isEmpty()) {
            return new Assessment.Unusable(
                    "no address for it is known; give one by --endpoint grpc://HOST:PORT");
        }
        return new Assessment.Usable(SCORE, "over HTTP/2 to " + endpoints.getFirst().address());
    }

    @Override
    public Transport create(TransportContext context) {
        return new GrpcTransport(context);
    }
}
