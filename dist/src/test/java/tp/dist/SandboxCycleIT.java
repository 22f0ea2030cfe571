package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** A sandbox comes and goes in seconds, however often, and leaves nothing. */
@Needs(value = "kubectl", sandbox = "itself")
class SandboxCycleIT {

    private static final Path SCRIPT =
            Path.of("src/test/resources/tp/dist/sandbox-cycle.sh").toAbsolutePath();

    /** Five seconds on four processors; where there are fewer, they have as much to do. */
    private static final long UP_MS =
            Math.max(5_000, 20_000 / Runtime.getRuntime().availableProcessors());

    private static final Pattern ROUND =
            Pattern.compile(
                    "round (\\d+) up (\\d+) ms ready (\\d+) of (\\d+) down (\\d+) ms left (.*)");

    @Test
    void threeTimesInARow() throws Exception {
        cycle(3);
    }

    @Test
    @Tag("long")
    void twentyTimesInARow() throws Exception {
        cycle(20);
    }

    private static void cycle(int rounds) throws Exception {
        String output = run(rounds);

        System.out.print(output);
        List<MatchResult> lines = ROUND.matcher(output).results().toList();
        assertThat(lines).as(output).hasSize(rounds);
        assertThat(lines)
                .allSatisfy(
                        line -> {
                            assertThat(line.group(6)).as(output).isEqualTo("nothing");
                            assertThat(line.group(3)).as("pods ready").isEqualTo(line.group(4));
                            assertThat(Integer.parseInt(line.group(4))).as("pods").isGreaterThan(1);
                        });
        assertThat(median(lines, line -> Long.parseLong(line.group(2)))).isLessThan(UP_MS);
        assertThat(median(lines, line -> Long.parseLong(line.group(5)))).isLessThan(2000);
    }

    private static String run(int rounds) throws Exception {
        Path image = Laptop.tp().getParent().getParent();
        Process process =
                new ProcessBuilder(
                                "unshare",
                                "--user",
                                "--map-root-user",
                                "--mount",
                                "--pid",
                                "--net",
                                "--fork",
                                "--mount-proc",
                                "--kill-child",
                                "sh",
                                SCRIPT.toString(),
                                image.toString(),
                                Integer.toString(rounds))
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static long median(List<MatchResult> lines, ToLongFunction<MatchResult> value) {
        return lines.stream()
                .mapToLong(value)
                .sorted()
                .skip(lines.size() / 2)
                .findFirst()
                .orElse(0);
    }
}
