package tp.daemon;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Finds out whether the host's own resolver asks tp: a name that nobody has asked for before is
 * looked up as any program would, and has to arrive here.
 */
final class NameCheck implements NameServer {

    private static final long PATIENCE_MS = 4_000;

    private final NameServer inner;
    private final String label;
    private final byte[] labelBytes;
    private final CountDownLatch seen = new CountDownLatch(1);

    NameCheck(NameServer inner, RandomGenerator random) {
        this.inner = inner;
        label = "tp-check-" + Long.toHexString(random.nextLong());
        labelBytes = label.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void resolve(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer) {
        if (!seen() && holdsLabel(query)) {
            seen.countDown();
        }
        inner.resolve(query, tcp, answer);
    }

    /** {@return whether a question to the host's resolver for a name of that domain came here} */
    boolean hostAsks(String clusterDomain) throws InterruptedException {
        String name = label + ".default.svc." + clusterDomain;
        Thread.ofPlatform().daemon().name("name-check").start(() -> lookUp(name));
        return seen.await(PATIENCE_MS, TimeUnit.MILLISECONDS);
    }

    String label() {
        return label;
    }

    boolean seen() {
        return seen.getCount() == 0;
    }

    private static void lookUp(String name) {
        try {
            InetAddress.getAllByName(name);
        } catch (UnknownHostException e) {
            // Most likely. Whether it was asked here is what counts, not what came of it.
        }
    }

    private boolean holdsLabel(ByteBuffer query) {
        int last = query.limit() - labelBytes.length;
        for (int at = query.position(); at <= last; at++) {
            int length = 0;
            while (length < labelBytes.length
                    && (query.get(at + length) | 0x20) == (labelBytes[length] | 0x20)) {
                length++;
            }
            if (length == labelBytes.length) {
                return true;
            }
        }
        return false;
    }
}
