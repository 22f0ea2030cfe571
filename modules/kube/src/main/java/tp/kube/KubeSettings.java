package tp.kube;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tp.spi.common.TpException;

/**
 * Which cluster.
 *
 * @param kubeconfig the file to read; empty: what {@code KUBECONFIG} names, else {@code
 *     ~/.kube/config}
 * @param context the context in it; empty: its current one
 * @param serviceAccount whose token a session shows, in the manager's namespace
 * @param managerNamespace where the manager is; empty: tp-system, or else the context's
 */
public record KubeSettings(
        Optional<Path> kubeconfig,
        Optional<String> context,
        String serviceAccount,
        Optional<String> managerNamespace) {

    /** The account that the manifests bring. */
    public static final String USUAL_ACCOUNT = "tp-client";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    /**
     * @throws TpException where no account can have that name
     */
    public KubeSettings {
        if (!NAME.matcher(serviceAccount).matches()) {
            throw TpException.usage(
                    "no service account can be called so", "give a name such as tp-client-alice");
        }
        managerNamespace.ifPresent(name -> new Level.Namespaces(List.of(name)));
    }

    /** With the account that the manifests bring. */
    public KubeSettings(Optional<Path> kubeconfig, Optional<String> context) {
        this(kubeconfig, context, USUAL_ACCOUNT, Optional.empty());
    }
}
