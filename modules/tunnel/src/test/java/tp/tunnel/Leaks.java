package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Finds buffers that were collected as garbage without having been released. */
final class Leaks {

    private static final int CANARY_BYTES = 77;
    private static final AtomicInteger FOUND = new AtomicInteger();

    private Leaks() {}

    /** Looks at every buffer from here on; to be called before Netty makes the first one. */
    static void watch() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Counting());
    }

    /** Loses a buffer on purpose, and asserts that it is the only one that was ever lost. */
    static void assertNone() {
        loseOne();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (FOUND.get() == 0 && System.nanoTime() < deadlineNs) {
            lookForLeaks();
        }
        lookForLeaks(); // What was found first need not have been the one on purpose.
        assertThat(FOUND).as("leaked buffers, one of them on purpose").hasValue(1);
        FOUND.set(0);
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
                    FOUND.incrementAndGet();
                }

                @Override
                protected void reportUntracedLeak(String resourceType) {
                    FOUND.incrementAndGet();
                }
            };
        }
    }
}
