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
    public void close() {
        streams.close();
    }
}
