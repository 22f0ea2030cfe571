package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** What tp writes to a terminal, and to what is none. */
@Needs("script")
class TerminalIT {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = "::",
            textBlock =
                    """
                    a terminal :: TERM=xterm :: tp status; tp --help; tp x :: true
                    no colours wanted :: TERM=xterm NO_COLOR=1 :: tp status; tp --help; tp x :: false
                    an empty wish :: TERM=xterm NO_COLOR= :: tp status :: true
                    a simple terminal :: TERM=dumb :: tp status; tp --help; tp x :: false
                    an unknown terminal :: TERM= :: tp status; tp --help; tp x :: false
                    pipes :: TERM=xterm :: { tp status; tp --help; tp x; } 2>&1 | cat :: false
                    errors on the terminal only :: TERM=xterm :: tp x | cat :: true
                    answers on the terminal only :: TERM=xterm :: tp status 2>/dev/null :: true
                    errors to a file :: TERM=xterm :: tp x 2>/dev/null :: false
                    for programs :: TERM=xterm :: tp status -o json; tp status -o yaml; tp version -o json :: false
                    the sandbox :: TERM=xterm NO_COLOR=1 :: tp sandbox --help :: false
                    """)
    void coloursAreForTerminalsWhoseUserWantsThem(
            String name, String environment, String script, boolean coloured) throws Exception {
        String output =
                onTerminal(
                        "export PATH='%s':$PATH %s; %s"
                                .formatted(Laptop.tp().getParent(), environment, script));

        assertThat(output.contains("\u001b[")).as(output).isEqualTo(coloured);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = "::",
            textBlock =
                    """
                    a full disk :: tp version >/dev/full; echo $? :: tp: cannot print: No space left on device; send the output elsewhere/1
                    the help :: tp --help >/dev/full; echo $? :: tp: cannot print: No space left on device; send the output elsewhere/1
                    the daemon's program :: tp daemon --plugins >/dev/full 2>/dev/null; echo $? :: 1
                    nobody reads :: { tp version; echo $? >&2; } | true :: 0
                    """)
    void whatIsLostIsToldToWhoeverIsThere(String name, String script, String expected)
            throws Exception {
        String output =
                onTerminal(
                        "export LC_ALL=C NO_COLOR=1 PATH='%s':$PATH; %s"
                                .formatted(Laptop.tp().getParent(), script));

        assertThat(output.lines().map(String::strip)).containsExactly(expected.split("/"));
    }

    /** {@return what a shell shows that has a terminal of its own} */
    private static String onTerminal(String script) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("script", "-qec", script, "/dev/null")
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
