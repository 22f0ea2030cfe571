package tp.transport.portforward;

import java.io.IOException;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.OpenStreams;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;

/** Each stream is one forwarded connection. */
final class PortForwardTransport implements Transport {

    /**
     * The API server and the kubelet pass on about 64 KiB within each round trip, whatever the
     * network takes: 26 Mbit/s at 20 ms.
     */
    private static final int PARALLEL_LINKS = 4;

    private final TransportContext context;
    private final OpenStreams streams = new OpenStreams();

    PortForwardTransport(TransportContext context) {
        this.context = context;
    }

    @Override
    public Link open() throws IOException {
        ManagerLocation to = context.manager();
        return new ByteLink(
                streams.add(
                        () -> context.cluster().portForward(to.namespace(), to.pod(), to.port())));
    }

    @Override
    public int parallelLinks() {
        return PARALLEL_LINKS;
    }

    @Override
    public void close() {
        streams.close();
    }
}
