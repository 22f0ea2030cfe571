package tp.kube;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which cluster.
 *
 * @param kubeconfig the file to read; empty: what {@code KUBECONFIG} names, else {@code
 *     ~/.kube/config}
 * @param context the context in it; empty: its current one
 */
public record KubeSettings(Optional<Path> kubeconfig, Optional<String> context) {}
