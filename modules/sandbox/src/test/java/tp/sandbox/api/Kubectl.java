package tp.sandbox.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The real kubectl, with a home of its own. */
final class Kubectl {

    private static final long TIMEOUT_S = 60;

    private final ServerFixture fixture;
    private final Path home;

    record Result(int exit, String out, String err) {}

    Kubectl(ServerFixture fixture, Path home) {
        this.fixture = fixture;
        this.home = home;
    }

    static void assume() {
        boolean isThere =
                Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "kubectl")));
        String message = "not run: kubectl tests need kubectl on the PATH";
        if (!isThere) {
            System.out.println(message);
        }
        Assumptions.assumeTrue(isThere, message);
    }

    Process start(String user, List<String> arguments, Map<String, String> environment)
            throws IOException {
        Path config = home.resolve(user + ".kubeconfig");
        Files.writeString(config, fixture.kubeconfig(user));
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig"));
        command.add(config.toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HOME", home.toString());
        builder.environment().remove("KUBECONFIG");
        builder.environment().putAll(environment);
        builder.redirectError(home.resolve("stderr").toFile());
        return builder.start();
    }

    Result run(String user, List<String> arguments, String input)
            throws IOException, InterruptedException {
        Process process = start(user, arguments, Map.of());
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("kubectl does not end: " + arguments);
        }
        return new Result(process.exitValue(), out, Files.readString(home.resolve("stderr")));
    }
}
