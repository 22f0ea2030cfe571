package tp.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program of the system, run by root: by its absolute path, in a clean environment, for a bounded
 * time.
 */
final class SystemCommand {

    private static final List<String> PLACES = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final long LIMIT_SECONDS = 3;
    private static final int MAX_MESSAGE_BYTES = 300;

    private SystemCommand() {}

    /**
     * Runs it to its end.
     *
     * @param input what it reads; less than a pipe holds
     * @throws IOException with what it said, in one line, where it fails
     */
    static void run(String program, List<String> arguments, String input) throws IOException {
        List<String> command = new ArrayList<>(List.of(path(program).toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Keeper.cleanEnvironment(builder.environment());
        builder.directory(new File("/"));
        Process process = builder.start();
        try {
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(UTF_8));
            } catch (IOException e) {
                // It ended without reading; its exit code says why.
            }
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(program + " did not end in " + LIMIT_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(program + ": " + said(process));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(program + " was interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    static boolean isInstalled(String program) {
        return PLACES.stream().anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    private static Path path(String program) throws IOException {
        return PLACES.stream()
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IOException(program + " is not installed"));
    }

    private static String said(Process process) throws IOException {
        String text = new String(process.getInputStream().readNBytes(MAX_MESSAGE_BYTES), UTF_8);
        String line =
                text.lines()
                        .findFirst()
                        .orElse("")
                        .codePoints()
                        .filter(c -> !Character.isISOControl(c))
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString()
                        .strip();
        return line.isEmpty() ? "it failed with exit code " + process.exitValue() : line;
    }
}
