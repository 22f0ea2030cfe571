package tp.transport.quic;

import java.util.Optional;
import tp.spi.transport.ListenerProvider;
import tp.spi.transport.TransportProvider;
import tp.testkit.TransportContract;

class QuicTransportTest extends TransportContract {

    @Override
    public TransportProvider provider() {
        return new QuicProvider();
    }

    @Override
    protected Optional<ListenerProvider> listener() {
        return Optional.of(new QuicListenerProvider());
    }
}
