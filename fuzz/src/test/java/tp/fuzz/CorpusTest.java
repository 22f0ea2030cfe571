package tp.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each input that was ever worth keeping, and each seed, on every build and without Jazzer. */
class CorpusTest {

    private static final int MOST_INPUT_BYTES = 8 * 1024;
    private static final long MOST_FOLDER_BYTES = 256 * 1024;

    static List<String> targets() {
        return Targets.ALL;
    }

    @ParameterizedTest
    @MethodSource("targets")
    void noInputBreaksItsTarget(String name) throws Exception {
        Target target = Targets.named(name);
        Trial trial = new Trial(target);
        for (byte[] seed : target.seeds()) {
            trial.take(seed);
        }
        for (Path file : files(name)) {
            try {
                trial.take(Files.readAllBytes(file));
            } catch (Exception | Error e) {
                throw new AssertionError(file.toString(), e);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("targets")
    void theCorpusStaysSmall(String name) throws IOException {
        long all = 0;
        for (Path file : files(name)) {
            assertThat(Files.size(file)).as("%s", file).isLessThanOrEqualTo(MOST_INPUT_BYTES);
            all += Files.size(file);
        }
        assertThat(all).as("%s", Corpus.kept(name)).isLessThanOrEqualTo(MOST_FOLDER_BYTES);
    }

    private static List<Path> files(String name) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(Corpus.kept(name))) {
            try (Stream<Path> found = Files.list(Corpus.kept(name))) {
                found.sorted().forEach(files::add);
            }
        }
        return files;
    }
}
