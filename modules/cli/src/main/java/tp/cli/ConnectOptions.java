package tp.cli;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tp.control.ConnectSettings;
import tp.spi.common.TpException;

/** What a session is to be, wherever it is. */
final class ConnectOptions {

    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description =
                    "Where names without a dot are looked for; else nowhere. See `tp intercept`.")
    private @Nullable String namespace;

    @Option(
            names = "--mapped-namespaces",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Nothing but these can be reached; else all that you may. HERE=THERE gives one"
                            + " another name on this machine, `all` takes back a list. A session"
                            + " that runs is changed.")
    private List<String> mappedNamespaces = List.of();

    @Mixin private AccountOptions account = new AccountOptions();

    @Option(
            names = "--transport",
            paramLabel = "ID",
            description =
                    "How to reach the manager; else the best. See `tp plugins`. A session that"
                            + " runs is moved.")
    private @Nullable String transport;

    @Option(
            names = "--endpoint",
            paramLabel = "URI",
            description =
                    "Where the manager can be reached, such as quic://HOST:PORT or"
                            + " wss://HOST/tp; tried first. May be given several times.")
    private List<String> endpoints = List.of();

    @Option(
            names = "--also-proxy",
            split = ",",
            paramLabel = "RANGE|NAME",
            description =
                    "What else the cluster is the way to, such as 10.9.0.0/16 or .corp.example,"
                            + " where the manager permits it.")
    private List<String> alsoProxy = List.of();

    @Option(
            names = "--never-proxy",
            split = ",",
            paramLabel = "RANGE|NAME",
            description = "What stays this machine's; of both lists the most specific entry wins.")
    private List<String> neverProxy = List.of();

    @Option(
            names = "--agentless",
            description =
                    "Needs no manager in the cluster: connections are forwarded to the pods of"
                            + " --mapped-namespaces, else of the context's namespace. TCP only.")
    private boolean agentless;

    /**
     * {@return what was asked for}
     *
     * @param dns how a whole machine is made to ask tp; empty: the best way
     * @throws TpException where the flags do not fit together
     */
    ConnectSettings settings(Daemon daemon, Optional<String> dns) {
        if (agentless && (transport != null || !endpoints.isEmpty() || account.isGiven())) {
            throw TpException.usage(
                    "--agentless needs no manager, which --transport, --endpoint,"
                            + " --service-account and --manager-namespace are about",
                    "leave out one of them");
        }
        return new ConnectSettings(
                cluster.kubeconfig(daemon),
                cluster.context(),
                Optional.ofNullable(namespace),
                stripped(mappedNamespaces),
                account.chosen(),
                Optional.ofNullable(transport),
                stripped(endpoints),
                dns,
                agentless,
                new ConnectSettings.Outside(stripped(alsoProxy), stripped(neverProxy)));
    }

    private static List<String> stripped(List<String> values) {
        return values.stream().map(String::strip).toList();
    }
}
