package tp.transport.quic;

import io.netty.handler.codec.quic.Quic;
import java.util.List;
import java.util.Set;
import tp.spi.common.Assessment;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/** Reaches the manager where UDP gets to it. */
public final class QuicProvider implements TransportProvider {

    static final String ID = "quic";

    /**
     * Direct, no flow waits for another's lost packet, and it outlives a change of address; but it
     * moves far fewer bytes than TCP does (docs/adr/0010).
     */
    private static final int SCORE = 70;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Set<String> schemes() {
        return Set.of(ID);
    }

    @Override
    public Assessment assess(TransportContext context) {
        List<Endpoint> endpoints = context.endpoints(ID);
        if (endpoints.isEmpty()) {
            return new Assessment.Unusable(
                    "no address for it is known; give one by --endpoint quic://HOST:PORT");
        }
        if (!Quic.isAvailable()) {
            return new Assessment.Unusable("its native library does not run on this machine");
        }
        return new Assessment.Usable(SCORE, "over UDP to " + endpoints.getFirst().address());
    }

    @Override
    public Transport create(TransportContext context) {
        return new QuicTransport(context);
    }
}
