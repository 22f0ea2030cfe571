package tp.testkit.link;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How one direction of a link treats packets.
 *
 * @param delayNs from the end of a packet's transmission to its arrival
 * @param jitterNs is added to the delay, evenly distributed from zero to this; order is kept
 * @param chances what happens to a packet by chance
 * @param line how fast packets are transmitted
 * @param state whether anything passes at all
 * @param rules packets that never pass
 */
public record Conditions(
        long delayNs, long jitterNs, Chances chances, Line line, State state, List<Rule> rules) {

    /** The most that may be asked for: far beyond any link, and far from overflows. */
    private static final Duration MAX_TIME = Duration.ofMinutes(10);

    /** Nothing is done to any packet. */
    public static final Conditions PERFECT =
            new Conditions(0, 0, new Chances(0, 0, 0, 0), new Line(0, 0), State.OPEN, List.of());

    /** Whether anything passes at all. */
    public enum State {
        OPEN,
        /** Packets vanish; those under way arrive. */
        BLACK_HOLE,
        /** The cable is out: those under way are lost too. */
        CUT
    }

    /**
     * Probabilities for each packet, from 0 to 1.
     *
     * @param reordering of being held back, so that others overtake it
     * @param heldBackNs for how long
     */
    public record Chances(double loss, double duplication, double reordering, long heldBackNs) {
        public Chances {
            requireProbability(loss);
            requireProbability(duplication);
            requireProbability(reordering);
            requireTime(heldBackNs);
        }
    }

    /**
     * A transmitter with a queue before it, which drops what comes when it is full.
     *
     * @param bitsPerSecond zero: no limit, and no queue
     * @param queueBytes the packet in transmission is not counted
     */
    public record Line(long bitsPerSecond, long queueBytes) {
        public Line {
            if (bitsPerSecond < 0 || queueBytes < 0) {
                throw new IllegalArgumentException("negative rate or queue");
            }
        }
    }

    public Conditions {
        requireTime(delayNs);
        requireTime(jitterNs);
        rules = List.copyOf(rules);
    }

    private static void requireProbability(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("no probability: " + value);
        }
    }

    private static void requireTime(long ns) {
        if (ns < 0 || ns > MAX_TIME.toNanos()) {
            throw new IllegalArgumentException("no time for a link: " + ns + " ns");
        }
    }

    public Conditions delay(Duration delay) {
        return new Conditions(delay.toNanos(), jitterNs, chances, line, state, rules);
    }

    public Conditions jitter(Duration most) {
        return new Conditions(delayNs, most.toNanos(), chances, line, state, rules);
    }

    public Conditions loss(double probability) {
        return chances(
                new Chances(
                        probability, chances.duplication, chances.reordering, chances.heldBackNs));
    }

    public Conditions duplication(double probability) {
        return chances(
                new Chances(chances.loss, probability, chances.reordering, chances.heldBackNs));
    }

    public Conditions reordering(double probability, Duration heldBack) {
        return chances(
                new Chances(chances.loss, chances.duplication, probability, heldBack.toNanos()));
    }

    private Conditions chances(Chances other) {
        return new Conditions(delayNs, jitterNs, other, line, state, rules);
    }

    /**
     * @param bitsPerSecond of IP packets, their headers counted; zero for no limit
     */
    public Conditions rate(long bitsPerSecond, long queueBytes) {
        Line other = new Line(bitsPerSecond, queueBytes);
        return new Conditions(delayNs, jitterNs, chances, other, state, rules);
    }

    public Conditions state(State other) {
        return new Conditions(delayNs, jitterNs, chances, line, other, rules);
    }

    /** Adds a rule. */
    public Conditions rule(Rule rule) {
        List<Rule> more = Stream.concat(rules.stream(), Stream.of(rule)).toList();
        return new Conditions(delayNs, jitterNs, chances, line, state, more);
    }

    /** {@return the form that {@link #parse} reads} */
    @Override
    public String toString() {
        String listed = rules.stream().map(Rule::toString).collect(Collectors.joining(","));
        return "delay=%dns jitter=%dns loss=%s duplicate=%s reorder=%s,%dns rate=%dbit queue=%db"
                        .formatted(
                                delayNs,
                                jitterNs,
                                chances.loss,
                                chances.duplication,
                                chances.reordering,
                                chances.heldBackNs,
                                line.bitsPerSecond,
                                line.queueBytes)
                + " state="
                + state.name().toLowerCase(Locale.ROOT)
                + (listed.isEmpty() ? "" : " drop=" + listed);
    }

    /**
     * Reads words with blanks between, each {@code key=value}; what is not said is as in {@link
     * #PERFECT}. Such as {@code delay=20ms jitter=2ms loss=1% rate=10mbit queue=64kb
     * reorder=0.5%,5ms duplicate=0.1% state=black_hole drop=udp>1228,tcp:443}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Conditions parse(String text) {
        Conditions conditions = PERFECT;
        for (String word : text.strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                String[] parts = word.split("=", 2);
                if (parts.length < 2) {
                    throw new IllegalArgumentException("no key=value: " + word);
                }
                conditions = conditions.with(parts[0], parts[1]);
            }
        }
        return conditions;
    }

    private Conditions with(String key, String value) {
        return switch (key) {
            case "delay" -> delay(time(value));
            case "jitter" -> jitter(time(value));
            case "loss" -> loss(probability(value));
            case "duplicate" -> duplication(probability(value));
            case "reorder" -> {
                String[] parts = value.split(",", 2);
                yield reordering(
                        probability(parts[0]),
                        parts.length == 1 ? Duration.ofMillis(5) : time(parts[1]));
            }
            case "rate" -> rate(amount(value, Unit.BITS), line.queueBytes);
            case "queue" -> rate(line.bitsPerSecond, amount(value, Unit.BYTES));
            case "state" -> state(State.valueOf(value.toUpperCase(Locale.ROOT)));
            case "drop" -> {
                Conditions with = this;
                for (String rule : value.split(",", -1)) {
                    with = with.rule(Rule.parse(rule));
                }
                yield with;
            }
            default -> throw new IllegalArgumentException("no such condition: " + key);
        };
    }

    private static double probability(String text) {
        return text.endsWith("%")
                ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100
                : Double.parseDouble(text);
    }

    private static Duration time(String text) {
        return Duration.ofNanos(amount(text, Unit.TIMES));
    }

    private static long amount(String text, List<Unit> units) {
        Unit unit =
                units.stream()
                        .filter(one -> text.endsWith(one.name))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no unit in " + text));
        String number = text.substring(0, text.length() - unit.name.length());
        return Math.round(Double.parseDouble(number) * unit.factor);
    }

    /** A suffix; in a list the longer ones come first. */
    private record Unit(String name, long factor) {

        static final List<Unit> TIMES = list("ns 1", "us 1000", "ms 1000000", "s 1000000000");
        static final List<Unit> BYTES = list("b 1", "kb 1000", "mb 1000000");
        static final List<Unit> BITS =
                list("bit 1", "kbit 1000", "mbit 1000000", "gbit 1000000000");

        private static List<Unit> list(String... units) {
            return Arrays.stream(units)
                    .map(unit -> unit.split(" ", -1))
                    .map(parts -> new Unit(parts[0], Long.parseLong(parts[1])))
                    .sorted(Comparator.comparingInt((Unit unit) -> unit.name.length()).reversed())
                    .toList();
        }
    }
}
