package tp.metrics;

import java.util.Map;

/**
 * Numbers in Prometheus' text format 0.0.4 (prometheus.io, "Exposition formats"). Names follow its
 * conventions: units are seconds and bytes, what only grows ends in {@code _total}. One thread.
 */
public final class Exposition {

    /** The format's media type. */
    public static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder();

    /** Starts without a number. */
    public Exposition() {}

    /** Adds a number that goes up and down. */
    public Exposition gauge(String name, String help, long value) {
        return single(name, help, "gauge", Long.toString(value));
    }

    /** Adds a number that goes up and down, and is no whole one. */
    public Exposition gauge(String name, String help, double value) {
        return single(name, help, "gauge", Double.toString(value));
    }

    /** Adds a number that only grows while the process lives; its name ends in {@code _total}. */
    public Exposition counter(String name, String help, long value) {
        return single(name, help, "counter", Long.toString(value));
    }

    /** Adds numbers of one kind that go up and down, each with its value of that label. */
    public Exposition gauges(String name, String help, String label, Map<String, Long> values) {
        return several(name, help, "gauge", label, values);
    }

    /** Adds numbers of one kind that only grow, each with its value of that label. */
    public Exposition counters(String name, String help, String label, Map<String, Long> values) {
        return several(name, help, "counter", label, values);
    }

    private Exposition single(String name, String help, String type, String value) {
        head(name, help, type);
        text.append(name).append(' ').append(value).append('\n');
        return this;
    }

    private Exposition several(
            String name, String help, String type, String label, Map<String, Long> values) {
        head(name, help, type);
        values.forEach(
                (of, value) ->
                        text.append(name)
                                .append('{')
                                .append(label)
                                .append("=\"")
                                .append(escaped(of).replace("\"", "\\\""))
                                .append("\"} ")
                                .append(value)
                                .append('\n'));
        return this;
    }

    private void head(String name, String help, String type) {
        text.append("# HELP ").append(name).append(' ').append(escaped(help)).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\n", "\\n");
    }

    /** {@return all that was added} */
    public String text() {
        return text.toString();
    }
}
