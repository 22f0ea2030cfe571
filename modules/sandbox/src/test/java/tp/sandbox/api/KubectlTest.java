package tp.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** kubectl is the judge: {@code kubectl.txt} says what it is asked and what it must answer. */
class KubectlTest {

    @TempDir Path home;

    private record Expectation(char kind, String text) {}

    private static final class Step {
        private final String line;
        private final StringBuilder input = new StringBuilder();
        private final List<Expectation> expectations = new ArrayList<>();

        Step(String line) {
            this.line = line;
        }

        void run(Kubectl kubectl) throws IOException, InterruptedException {
            int command = line.indexOf("$ ");
            String user = command == 0 ? "admin" : line.substring(1, command).strip();
            Kubectl.Result result =
                    kubectl.run(user, words(line.substring(command + 2)), input.toString());
            for (Expectation expectation : expectations) {
                String text = expectation.text();
                switch (expectation.kind()) {
                    case '>' -> assertThat(result.out()).as(line).contains(text);
                    case '=' ->
                            assertThat(result.out().stripTrailing())
                                    .as(line + "\n" + result.err())
                                    .isEqualTo(text);
                    default -> {
                        assertThat(result.err() + result.out()).as(line).contains(text);
                        assertThat(result.exit()).as(line).isNotZero();
                    }
                }
            }
        }

        /** Words as a shell splits them; a word with brackets in it may hold spaces. */
        private static List<String> words(String text) {
            List<String> words = new ArrayList<>();
            for (String word : text.split(" ", -1)) {
                boolean isInside =
                        !words.isEmpty() && words.contains("-l") && isSelector(words, word);
                if (isInside) {
                    words.add(words.removeLast() + " " + word);
                } else {
                    words.add(word);
                }
            }
            return words;
        }

        private static boolean isSelector(List<String> words, String word) {
            return word.equals("in") || words.getLast().endsWith(" in");
        }
    }

    @TestFactory
    Stream<DynamicTest> kubectlAgrees() throws IOException {
        Kubectl.assume();
        List<DynamicTest> tests = new ArrayList<>();
        String name = "";
        List<Step> steps = new ArrayList<>();
        for (String line : script()) {
            if (line.startsWith("## ")) {
                add(tests, name, steps);
                name = line.substring(3);
                steps = new ArrayList<>();
            } else if (line.startsWith("$ ") || line.startsWith("@")) {
                steps.add(new Step(line));
            } else if (line.startsWith("< ")) {
                steps.getLast().input.append(line.substring(2)).append('\n');
            } else if (!line.isBlank() && !line.startsWith("#")) {
                steps.getLast()
                        .expectations
                        .add(new Expectation(line.charAt(0), line.substring(1).strip()));
            }
        }
        add(tests, name, steps);
        assertThat(tests).hasSizeGreaterThan(8);
        return tests.stream();
    }

    private void add(List<DynamicTest> tests, String name, List<Step> steps) {
        if (!steps.isEmpty()) {
            tests.add(DynamicTest.dynamicTest(name, () -> run(steps)));
        }
    }

    private void run(List<Step> steps) throws IOException, InterruptedException {
        Path own = java.nio.file.Files.createTempDirectory(home, "kubectl");
        try (ServerFixture fixture = new ServerFixture()) {
            Kubectl kubectl = new Kubectl(fixture, own);
            for (Step step : steps) {
                step.run(kubectl);
            }
        }
    }

    private static List<String> script() throws IOException {
        try (InputStream in = KubectlTest.class.getResourceAsStream("kubectl.txt")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
