package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tp.spi.common.TpException;

class SessionProgramTest {

    /** Ends when it is told that the signal has come, or that nobody is left who could tell. */
    private static final String SIGNALS_AT_ONCE =
            "trap 'exit 5' TERM; kill -TERM $PPID; while kill -0 $PPID 2>/dev/null; do sleep 0.01; done";

    /** Runs in a process of its own, to which the signal is sent. */
    static final class Starter {

        private Starter() {}

        public static void main(String[] args) throws InterruptedException {
            List<String> command = List.of("/bin/sh", "-c", SIGNALS_AT_ONCE);
            System.exit(new SessionProgram(command, Map.of(), () -> {}).run());
        }
    }

    @Test
    void theExitCodeIsTheProgramsAlsoWhereTheSignalComesAsItStarts() throws Exception {
        Process starter =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xint",
                                "-cp",
                                place(SessionProgram.class)
                                        + File.pathSeparator
                                        + place(TpException.class)
                                        + File.pathSeparator
                                        + Path.of("target/test-classes").toAbsolutePath(),
                                Starter.class.getName())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            assertThat(starter.waitFor(Duration.ofSeconds(20))).isTrue();
            assertThat(starter.exitValue()).isEqualTo(5);
        } finally {
            starter.destroyForcibly();
        }
    }

    private static Path place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
