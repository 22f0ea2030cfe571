package tp.transport.portforward;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;

/** Each stream is one forwarded connection. Remembers the open ones to be able to end them. */
final class PortForwardTransport implements Transport {

    private static final System.Logger LOG = System.getLogger(PortForwardTransport.class.getName());

    private final TransportContext context;
    private final Object lock = new Object();
    private final Set<ByteChannel> open = new HashSet<>(); // guarded by lock
    private boolean closed; // guarded by lock

    PortForwardTransport(TransportContext context) {
        this.context = context;
    }

    @Override
    public Link open() throws IOException {
        checkOpen();
        ManagerLocation manager = context.manager();
        ByteChannel stream =
                context.cluster().portForward(manager.namespace(), manager.pod(), manager.port());
        synchronized (lock) {
            if (!closed) {
                open.add(stream);
                return new ByteLink(new Remembered(stream));
            }
        }
        stream.close();
        throw new IOException("the transport was closed meanwhile");
    }

    private void checkOpen() throws IOException {
        synchronized (lock) {
            if (closed) {
                throw new IOException("the transport is closed");
            }
        }
    }

    @Override
    public void close() {
        List<ByteChannel> streams;
        synchronized (lock) {
            closed = true;
            streams = List.copyOf(open);
            open.clear();
        }
        for (ByteChannel stream : streams) {
            try {
                stream.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "a stream did not close in order", e);
            }
        }
    }

    /** Forgets the stream when its owner closes it. */
    private final class Remembered implements ByteChannel {
        private final ByteChannel stream;

        Remembered(ByteChannel stream) {
            this.stream = stream;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return stream.read(target);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return stream.write(source);
        }

        @Override
        public boolean isOpen() {
            return stream.isOpen();
        }

        @Override
        public void close() throws IOException {
            synchronized (lock) {
                open.remove(stream);
            }
            stream.close();
        }
    }
}
