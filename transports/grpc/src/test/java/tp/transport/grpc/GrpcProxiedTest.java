package tp.transport.grpc;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import tp.spi.transport.Endpoint;

/** The same through a gRPC proxy that somebody else wrote. */
class GrpcProxiedTest extends GrpcTransportTest {

    private final List<JavaProxy> proxies = new ArrayList<>();

    @Override
    protected Endpoint endpoint(InetSocketAddress listening) {
        try {
            JavaProxy proxy = JavaProxy.to(listening, null);
            proxies.add(proxy);
            return new Endpoint(
                    URI.create("grpc+plain://127.0.0.1:" + proxy.port()), Endpoint.Source.GIVEN);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        proxies.forEach(JavaProxy::close);
    }
}
