package tp.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tp.control.Reply;
import tp.control.Request;
import tp.spi.common.TpException;

@Command(
        name = "intercept",
        description = "Makes names of a namespace need no namespace, until `tp leave`.",
        footer = {
            "",
            "NAME is what you work on; it need not exist in the cluster yet. The names of the",
            "namespace need none as long as there is an intercept on it."
        })
final class InterceptCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", description = "The workload that you work on.")
    private String name = "";

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Its namespace; else the kubeconfig's.")
    private @Nullable String namespace;

    @Option(
            names = "--local-only",
            description = "Only names: none of the cluster's traffic comes here. tp has no other.")
    private boolean localOnly;

    private final Daemon daemon;
    private final Terminal terminal;

    InterceptCommand(Daemon daemon, Terminal terminal) {
        this.daemon = daemon;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!localOnly) {
            throw TpException.usage(
                    "tp does not bring the cluster's traffic to this machine",
                    "give --local-only to use the names of a namespace without it");
        }
        Request request = new Request.Intercept(name, Optional.ofNullable(namespace));
        Reply.Intercepted made = (Reply.Intercepted) daemon.session(request);
        terminal.out()
                .println(
                        terminal.outLook()
                                        .paint(
                                                Look.Colour.GOOD,
                                                made.already() ? "Already using" : "Using")
                                + " namespace "
                                + made.intercept().namespace()
                                + " for names without one, until `tp leave "
                                + made.intercept().name()
                                + "`");
        return Main.done();
    }
}
