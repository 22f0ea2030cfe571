package tp.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tp.spi.common.TpException;

@Command(name = "demo", description = "Shows the whole of tp on a cluster of its own.")
final class DemoCommand implements Callable<Integer> {

    private final Map<String, String> environment;
    private final Terminal terminal;

    DemoCommand(Map<String, String> environment, Terminal terminal) {
        this.environment = environment;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        throw TpException.environment(
                "the demo is not built yet", "use `tp sandbox` " + environment.size() + terminal);
    }
}
