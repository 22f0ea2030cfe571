package tp.testkit.load;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The program in the laptop. It needs nothing but the JDK, and prints lines that begin with a word.
 *
 * <ul>
 *   <li>{@code beside MS}: small traffic for so long beside a download; {@code requests}, {@code
 *       messages}: latencies in microseconds; {@code failed}: how many; {@code bulk}: bytes per
 *       second
 *   <li>{@code down MS}, {@code up MS}: {@code rate}: bytes per second, of one connection, after as
 *       long a one that does not count
 *   <li>{@code watch BYTES STREAMS STALL_MS}: {@code wrong} with a reason for each download that
 *       does not come whole or stands still; {@code done}
 *   <li>{@code repeated-lookups WARM_UP COUNT}, {@code first-lookups NODE FROM COUNT}: what {@link
 *       LookupTimes} measures, nanoseconds
 * </ul>
 */
final class LoadMain {

    /**
     * Before anything counts: the program, the daemon and the bulk's congestion control warm up.
     */
    private static final long WARM_UP_NS = TimeUnit.MILLISECONDS.toNanos(2_000);

    private static final long GOING_BYTES = 256 * 1024;
    private static final long GOING_WITHIN_NS = TimeUnit.SECONDS.toNanos(20);

    private LoadMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        switch (args[0]) {
            case "repeated-lookups" ->
                    print(LookupTimes.repeated(number(args[1]), number(args[2])));
            case "first-lookups" ->
                    print(LookupTimes.first(args[1], number(args[2]), number(args[3])));
            default -> traffic(args);
        }
    }

    private static void traffic(String[] args) throws IOException, InterruptedException {
        Places places = Places.find();
        switch (args[0]) {
            case "beside" -> beside(places, millis(args[1]));
            case "down" -> {
                Bulk.down(places.source(), millis(args[1]));
                System.out.println("rate " + Bulk.down(places.source(), millis(args[1])));
            }
            case "up" -> {
                Bulk.up(places.sink(), millis(args[1]));
                System.out.println("rate " + Bulk.up(places.sink(), millis(args[1])));
            }
            case "watch" -> {
                List<String> wrong =
                        WatchedDownloads.run(
                                places,
                                new WatchedDownloads.Order(
                                        Long.parseLong(args[1]),
                                        Integer.parseInt(args[2]),
                                        Integer.parseInt(args[3])));
                wrong.forEach(one -> System.out.println("wrong " + one));
                System.out.println("done");
            }
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    private static void print(Map<String, long[]> times) {
        times.forEach((what, values) -> System.out.println(what + " " + words(values)));
    }

    private static long millis(String text) {
        return TimeUnit.MILLISECONDS.toNanos(Long.parseLong(text));
    }

    private static void beside(Places places, long forNs) throws IOException, InterruptedException {
        try (Bulk.Download bulk = Bulk.start(places.source())) {
            awaitGoing(bulk);
            SmallTraffic.run(places, WARM_UP_NS);
            long before = bulk.bytes();
            long startNs = System.nanoTime();
            SmallTraffic.Latencies latencies = SmallTraffic.run(places, forNs);
            double perSecond = (bulk.bytes() - before) * 1e9 / (System.nanoTime() - startNs);
            System.out.println("requests " + words(latencies.requests()));
            System.out.println("messages " + words(latencies.messages()));
            System.out.println("failed " + latencies.failed());
            System.out.println("bulk " + perSecond);
        }
    }

    private static void awaitGoing(Bulk.Download bulk) throws IOException {
        long deadlineNs = System.nanoTime() + GOING_WITHIN_NS;
        while (bulk.bytes() < GOING_BYTES) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("the bulk does not get going: " + bulk.bytes() + " bytes");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static String words(long[] values) {
        return Arrays.stream(values).mapToObj(Long::toString).collect(Collectors.joining(" "));
    }
}
