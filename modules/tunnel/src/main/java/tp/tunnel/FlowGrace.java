package tp.tunnel;

import java.time.Duration;

/**
 * How a manager keeps the flows of clients that it has lost.
 *
 * @param time after which they are reset; zero where none is kept
 * @param mostBytes that are kept of all of them together; for more the client that keeps the most
 *     loses the one that waits the longest
 * @param mostFlows likewise
 */
public record FlowGrace(Duration time, long mostBytes, int mostFlows) {

    /** Five minutes, 32 MiB, 8,192 flows. */
    public static final FlowGrace USUAL = new FlowGrace(Duration.ofMinutes(5), 32L << 20, 8_192);
}
