package tp.transport.grpc;

import java.net.InetSocketAddress;
import java.net.URI;
import tp.spi.transport.Endpoint;

/** The same over one pipe, without TLS of the connection's own. */
class GrpcPipeTest extends GrpcTransportTest {

    @Override
    protected Endpoint endpoint(InetSocketAddress listening) {
        return new Endpoint(
                URI.create("grpc+plain://127.0.0.1:" + listening.getPort()), Endpoint.Source.GIVEN);
    }
}
