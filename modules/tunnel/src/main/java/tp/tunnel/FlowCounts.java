package tp.tunnel;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What others than its event loop may know of a flow. The loop writes, without waiting for anybody
 * to see it.
 */
final class FlowCounts {

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong retained = new AtomicLong();

    void sent(long bytes) {
        sent.setRelease(bytes);
    }

    void received(long bytes) {
        received.setRelease(bytes);
    }

    void retained(long bytes) {
        retained.setRelease(bytes);
    }

    FlowStatistics snapshot(FlowStatistics.State state) {
        return new FlowStatistics(
                state, sent.getAcquire(), received.getAcquire(), retained.getAcquire());
    }
}
