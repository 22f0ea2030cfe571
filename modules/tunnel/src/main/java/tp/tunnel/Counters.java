package tp.tunnel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** A session in numbers; written on its event loop, read by anyone. */
final class Counters {

    final LongAdder bytesSent = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    final LongAdder datagramsDropped = new LongAdder();
    final LongAdder malformed;
    final AtomicInteger openFlows = new AtomicInteger();
    final AtomicLong roundTripNs = new AtomicLong();

    Counters() {
        this(new LongAdder());
    }

    /**
     * @param malformed shared with other sessions
     */
    Counters(LongAdder malformed) {
        this.malformed = malformed;
    }

    SessionStatistics snapshot() {
        return new SessionStatistics(
                roundTripNs.get(),
                bytesSent.sum(),
                bytesReceived.sum(),
                openFlows.get(),
                datagramsDropped.sum());
    }
}
