package tp.testkit.load;

import java.util.Arrays;

/** Of latencies in one run; each is one that was measured (nearest rank), none is interpolated. */
public record Quantiles(int count, double p50Ms, double p95Ms, double p99Ms, double maxMs) {

    /**
     * @throws IllegalArgumentException where there is none
     */
    public static Quantiles ofMicros(long[] micros) {
        return of(micros, 1e3);
    }

    /**
     * @throws IllegalArgumentException where there is none
     */
    public static Quantiles ofNanos(long[] nanos) {
        return of(nanos, 1e6);
    }

    private static Quantiles of(long[] values, double perMs) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no latency was measured");
        }
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Quantiles(
                sorted.length,
                rank(sorted, 0.50) / perMs,
                rank(sorted, 0.95) / perMs,
                rank(sorted, 0.99) / perMs,
                rank(sorted, 1.00) / perMs);
    }

    private static long rank(long[] sorted, double part) {
        return sorted[(int) Math.ceil(part * sorted.length) - 1];
    }
}
