package tp.testkit;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tp.spi.transport.ClusterAccess;
import tp.spi.transport.ManagerLocation;

/** A cluster whose pods' ports are functions. Any other pod or port refuses the connection. */
public final class LoopbackCluster implements ClusterAccess {

    private static final int PIPE_BYTES = 64 << 10;

    private final Map<ManagerLocation, Peer> ports = new ConcurrentHashMap<>();
    private final AtomicInteger opened = new AtomicInteger();

    /** A cluster without any pod. */
    public LoopbackCluster() {}

    /** From now on that port of that pod is served by the peer. */
    public void listen(ManagerLocation where, Peer peer) {
        ports.put(where, peer);
    }

    /** {@return how many streams were opened, closed ones included} */
    public int opened() {
        return opened.get();
    }

    @Override
    public ByteChannel portForward(String namespace, String pod, int port) throws IOException {
        Peer peer = ports.get(new ManagerLocation(namespace, pod, port));
        if (peer == null) {
            throw new IOException("connection refused by " + namespace + "/" + pod + ":" + port);
        }
        opened.incrementAndGet();
        var pipe = new MemoryPipe(PIPE_BYTES);
        Thread.ofVirtual().name("peer-" + pod).start(() -> serve(peer, pipe));
        return pipe.left();
    }

    private static void serve(Peer peer, MemoryPipe pipe) {
        // No try-with-resources: that would end the stream in order before the catch breaks it.
        try {
            peer.serve(pipe.right());
            pipe.right().close();
        } catch (IOException | RuntimeException | AssertionError e) {
            pipe.breakDown();
        }
    }
}
