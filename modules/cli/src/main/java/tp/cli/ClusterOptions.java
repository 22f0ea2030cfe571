package tp.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tp.control.Task;

/** Which cluster, as kubectl is told it. */
final class ClusterOptions {

    @Option(names = "--context", paramLabel = "NAME", description = "The kubeconfig's context.")
    private @Nullable String context;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "The kubeconfig; else what KUBECONFIG names, else ~/.kube/config.")
    private @Nullable String kubeconfig;

    Optional<String> context() {
        return Optional.ofNullable(context);
    }

    /** {@return with absolute paths, since the daemon's program works elsewhere} */
    Optional<String> kubeconfig(Daemon daemon) {
        return Optional.ofNullable(kubeconfig)
                .map(path -> Path.of(path).toAbsolutePath().toString())
                .or(daemon::kubeconfig);
    }

    Task.Cluster chosen(Daemon daemon) {
        return new Task.Cluster(kubeconfig(daemon), context());
    }
}
