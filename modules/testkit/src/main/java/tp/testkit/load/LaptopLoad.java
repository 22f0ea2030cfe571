package tp.testkit.load;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import tp.testkit.laptop.Laptop;
import tp.testkit.laptop.LaptopLink;

/** Runs {@link LoadMain} in a connected laptop, for as long as one session lasts. */
public final class LaptopLoad {

    /** Beyond what the traffic itself takes: the warm-up, and requests that take their limit. */
    private static final Duration SLACK = Duration.ofSeconds(90);

    private final Laptop laptop;
    private final String program = Laptop.java(LoadMain.class);
    private int namesAsked;

    public LaptopLoad(Laptop laptop) {
        this.laptop = laptop;
    }

    /**
     * What became of small traffic beside a download.
     *
     * @param requests small HTTP requests, each on a connection of its own
     * @param messages small messages on connections that stay open
     * @param failed how many of both had no whole answer; they count as long as they might take
     * @param bulkBytesPerSecond the download meanwhile
     */
    public record Beside(
            Quantiles requests, Quantiles messages, int failed, double bulkBytesPerSecond) {}

    /** Small traffic for so long beside a download. */
    public Beside beside(Duration time) throws IOException, InterruptedException {
        List<String> said = run(time, "beside " + time.toMillis());
        return new Beside(
                Quantiles.ofMicros(numbers(word(said, "requests"))),
                Quantiles.ofMicros(numbers(word(said, "messages"))),
                Integer.parseInt(word(said, "failed")),
                Double.parseDouble(word(said, "bulk")));
    }

    /** {@return bytes per second, of one download that took so long, after another} */
    public double down(Duration time) throws IOException, InterruptedException {
        return rate(time, "down ");
    }

    /** {@return bytes per second, of one upload that took so long, after another} */
    public double up(Duration time) throws IOException, InterruptedException {
        return rate(time, "up ");
    }

    private double rate(Duration time, String command) throws IOException, InterruptedException {
        List<String> said = run(time.multipliedBy(2), command + time.toMillis());
        return Double.parseDouble(word(said, "rate"));
    }

    /**
     * Downloads at the same time.
     *
     * @param stall without a byte for so long, one stands still
     * @return what went wrong, nothing where all came whole
     */
    public List<String> watch(long bytes, int streams, Duration stall)
            throws IOException, InterruptedException {
        List<String> said =
                run(
                        Duration.ofMinutes(10),
                        "watch %d %d %d".formatted(bytes, streams, stall.toMillis()));
        word(said, "done");
        return said.stream()
                .filter(line -> line.startsWith("wrong "))
                .map(line -> line.substring("wrong ".length()))
                .toList();
    }

    /**
     * Asking for one name again and again, and in turn a bare echo on the laptop's loopback
     * address.
     */
    public record Repeated(Quantiles lookup, Quantiles echo) {}

    /**
     * Asks so often for one name.
     *
     * @param warmUp how often before that, which does not count
     */
    public Repeated repeatedLookups(int warmUp, int count)
            throws IOException, InterruptedException {
        List<String> said = run(Duration.ZERO, "repeated-lookups %d %d".formatted(warmUp, count));
        return new Repeated(nanos(said, "repeated"), nanos(said, "echo"));
    }

    /**
     * Asking for names that nobody has asked for in the session.
     *
     * @param path a round trip between laptop and node, without tp
     * @param one a question for an IPv4 address
     * @param both questions for both families at once, until the later answer
     * @param library the C library, which asks for both
     */
    public record First(Quantiles path, Quantiles one, Quantiles both, Quantiles library) {}

    /** Asks for so many names in each way, others each time. */
    public First firstLookups(int count) throws IOException, InterruptedException {
        List<String> said =
                run(
                        Duration.ZERO,
                        "first-lookups %s %d %d".formatted(LaptopLink.NODE, namesAsked, count));
        namesAsked += count * LookupTimes.FIRST_NAMES;
        return new First(
                nanos(said, "path"),
                nanos(said, "one"),
                nanos(said, "both"),
                nanos(said, "library"));
    }

    private static Quantiles nanos(List<String> said, String word) throws IOException {
        return Quantiles.ofNanos(numbers(word(said, word)));
    }

    private List<String> run(Duration time, String command)
            throws IOException, InterruptedException {
        Laptop.Result result = laptop.run(time.plus(SLACK), program + " " + command);
        if (result.exit() != 0) {
            throw new IOException(command + " failed: " + result.output());
        }
        return result.output().lines().toList();
    }

    /** {@return what follows that word} */
    private static String word(List<String> lines, String word) throws IOException {
        return lines.stream()
                .filter(line -> line.equals(word) || line.startsWith(word + " "))
                .findFirst()
                .map(line -> line.substring(word.length()).strip())
                .orElseThrow(() -> new IOException("no " + word + " in: " + lines));
    }

    private static long[] numbers(String words) {
        return Arrays.stream(words.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    }
}
