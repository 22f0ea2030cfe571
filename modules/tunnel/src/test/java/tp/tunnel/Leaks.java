package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Finds buffers that were collected as garbage without having been released. */
final class Leaks {

    private static final int CANARY_BYTES = 77;
    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();
    private static final AtomicBoolean CANARY_FOUND = new AtomicBoolean();

    private Leaks() {}

    /** Looks at every buffer from here on; to be called before Netty makes the first one. */
    static void watch() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Counting());
    }

    /** Loses a buffer on purpose, and asserts that it is found and that no other ever was. */
    static void assertNone() {
        CANARY_FOUND.set(false);
        loseOne();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!CANARY_FOUND.get() && System.nanoTime() < deadlineNs) {
            lookForLeaks();
        }
        lookForLeaks(); // The one that was lost last need not be found last.
        assertThat(CANARY_FOUND).as("the buffer that was lost on purpose").isTrue();
        List<String> found = List.copyOf(FOUND);
        FOUND.clear(); // What one class lost is no fault of the next.
        assertThat(found).as("where lost buffers were made").isEmpty();
    }

    private static void lookForLeaks() {
        System.gc();
        // Netty looks whenever it makes a buffer.
        ByteBufAllocator.DEFAULT.buffer(1).release();
    }

    private static void loseOne() {
        ByteBuf lost = ByteBufAllocator.DEFAULT.buffer(CANARY_BYTES);
        assertThat(lost.refCnt()).isEqualTo(1);
    }

    private static final class Counting extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation")
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            return newResourceLeakDetector(resource, 1);
        }

        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval) {
            return new ResourceLeakDetector<>(resource, 1) {
                @Override
                protected boolean needReport() {
                    return true;
                }

                @Override
                protected void reportTracedLeak(String resourceType, String records) {
                    if (records.contains("Leaks.loseOne")) {
                        CANARY_FOUND.set(true);
                    } else {
                        FOUND.add(records);
                    }
                }

                @Override
                protected void reportUntracedLeak(String resourceType) {
                    FOUND.add(resourceType);
                }
            };
        }
    }
}
