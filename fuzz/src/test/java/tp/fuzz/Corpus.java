package tp.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the inputs are. */
final class Corpus {

    private Corpus() {}

    /** {@return those in the repository} */
    static Path kept(String target) {
        return Path.of("corpus", Targets.folder(target));
    }

    /** {@return those that this machine has found: they stay until the next clean} */
    static Path found(String target) throws IOException {
        return Files.createDirectories(Path.of("target", "found", Targets.folder(target)));
    }

    /** {@return the target's seeds, written for Jazzer} */
    static Path seeds(String target) throws Exception {
        Path folder = Files.createDirectories(Path.of("target", "seeds", Targets.folder(target)));
        int number = 0;
        for (byte[] seed : Targets.named(target).seeds()) {
            Files.write(folder.resolve("seed-" + number++), seed);
        }
        return folder;
    }
}
