package tp.testkit;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.ClusterAccess;
import tp.spi.transport.ManagerLocation;

/** A cluster whose pods' ports and websockets are functions. Any other refuses the connection. */
public final class LoopbackCluster implements ClusterAccess {

    private static final int PIPE_BYTES = 64 << 10;

    private final Map<ManagerLocation, Peer> ports = new ConcurrentHashMap<>();
    private final Map<String, Peer> webSockets = new ConcurrentHashMap<>();
    private final AtomicInteger opened = new AtomicInteger();

    /** A cluster without any pod. */
    public LoopbackCluster() {}

    /** From now on that port of that pod is served by the peer. */
    public void listen(ManagerLocation where, Peer peer) {
        ports.put(where, peer);
    }

    /** From now on websockets to that path of the API server are served by the peer. */
    public void listen(String path, Peer peer) {
        webSockets.put(path, peer);
    }

    /** {@return how many streams were opened, closed ones included} */
    public int opened() {
        return opened.get();
    }

    @Override
    public ByteChannel portForward(String namespace, String pod, int port) throws IOException {
        return open(
                ports.get(new ManagerLocation(namespace, pod, port)),
                namespace + "/" + pod + ":" + port);
    }

    @Override
    public ByteChannel webSocket(String path, String subprotocol) throws IOException {
        return open(webSockets.get(path), path);
    }

    private ByteChannel open(@Nullable Peer peer, String where) throws IOException {
        if (peer == null) {
            throw new IOException("connection refused by " + where);
        }
        opened.incrementAndGet();
        var pipe = new MemoryPipe(PIPE_BYTES);
        Thread.ofVirtual().name("peer-" + where).start(() -> serve(peer, pipe));
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
