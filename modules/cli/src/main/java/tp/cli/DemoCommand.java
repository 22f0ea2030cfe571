package tp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tp.spi.common.TpException;

@Command(
        name = "demo",
        description = "Shows the whole of tp on a cluster of its own, and leaves nothing behind.")
final class DemoCommand implements Callable<Integer> {

    /** When the outer call began, in milliseconds since 1970, for the time of the first step. */
    private static final String BEGAN = "TP_DEMO_BEGAN";

    @Option(names = "--inside", hidden = true, description = "Run where the sandbox's laptop is.")
    private boolean inside;

    private final Map<String, String> environment;
    private final Daemon daemon;
    private final Terminal terminal;

    DemoCommand(Map<String, String> environment, Daemon daemon, Terminal terminal) {
        this.environment = environment;
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path tp = program();
        if (inside) {
            long began = Long.parseLong(environment.getOrDefault(BEGAN, "0"));
            long now = System.currentTimeMillis();
            return new Demo(tp, daemon, terminal.out()).tell(began == 0 ? 0 : now - began) ? 0 : 1;
        }
        terminal.out().println("tp demo: a cluster, a laptop beside it, and tp between them\n");
        ProcessBuilder sandbox =
                new ProcessBuilder(
                                tp.toString(),
                                "sandbox",
                                "run",
                                "--",
                                tp.toString(),
                                "demo",
                                "--inside")
                        .inheritIO();
        sandbox.environment().put(BEGAN, Long.toString(System.currentTimeMillis()));
        return sandbox.start().waitFor();
    }

    private static Path program() {
        Path tp = Path.of(System.getProperty("tp.home", ""), "bin", "tp");
        if (!Files.isExecutable(tp)) {
            throw TpException.environment(
                    "the demo needs the built tp", "run ./tp demo in the checkout");
        }
        return tp.toAbsolutePath();
    }
}
