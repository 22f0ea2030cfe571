package tp.transport.grpc;

import java.util.Optional;
import tp.spi.transport.ListenerProvider;
import tp.spi.transport.TransportProvider;
import tp.testkit.TransportContract;

/** Streams of the manager's own connection. */
class GrpcTransportTest extends TransportContract {

    @Override
    public TransportProvider provider() {
        return new GrpcProvider();
    }

    @Override
    protected Optional<ListenerProvider> listener() {
        return Optional.of(new GrpcListenerProvider());
    }
}
