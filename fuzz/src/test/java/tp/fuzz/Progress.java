package tp.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What libFuzzer says of a search, in one line. */
final class Progress {

    private static final Pattern COVERAGE =
            Pattern.compile("#\\d+\\s+\\w+ +cov: (\\d+) ft: (\\d+)");
    private static final Pattern EXECUTIONS =
            Pattern.compile("stat::number_of_executed_units: (\\d+)");
    private static final Pattern ADDED = Pattern.compile("stat::new_units_added: +(\\d+)");

    private Progress() {}

    static String of(Path log) throws IOException {
        String text = Files.readString(log, StandardCharsets.ISO_8859_1);
        Matcher coverage = COVERAGE.matcher(text);
        String first = "?";
        String last = "?";
        while (coverage.find()) {
            last = coverage.group(1) + " edges, " + coverage.group(2) + " features";
            first = first.equals("?") ? coverage.group(1) : first;
        }
        return "%s inputs, from %s to %s, %s kept"
                .formatted(found(EXECUTIONS, text), first, last, found(ADDED, text));
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "?";
    }
}
