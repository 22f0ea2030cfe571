package tp.testkit.load;

import java.util.Arrays;

/** Of latencies in one run; each is one that was measured (nearest rank), none is interpolated. */
public record Quantiles(int count, double p50Ms, double p95Ms, double p99Ms, double maxMs) {

    /**
     * @throws IllegalArgumentException where there is none
     */
    public static Quantiles ofMicros(long[] micros) {
        if (micros.length == 0) {
            throw new IllegalArgumentException("no latency was measured");
        }
        long[] sorted = micros.clone();
        Arrays.sort(sorted);
        return new Quantiles(
                sorted.length,
                rank(sorted, 0.50),
                rank(sorted, 0.95),
                rank(sorted, 0.99),
                rank(sorted, 1.00));
    }

    private static double rank(long[] sorted, double part) {
        return sorted[(int) Math.ceil(part * sorted.length) - 1] / 1000.0;
    }
}
