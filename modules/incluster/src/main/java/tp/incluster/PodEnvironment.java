package tp.incluster;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tp.spi.common.TpException;

/**
 * What a pod is given to reach the API server.
 *
 * @param tokenFile read for each call: the kubelet replaces it before it expires
 * @param caFile the certificates of the API server's authority, in PEM
 * @param namespace the pod's own
 */
public record PodEnvironment(URI server, Path tokenFile, Path caFile, String namespace) {

    private static final Path SERVICE_ACCOUNT =
            Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** {@return the environment of the pod that this process runs in} */
    public static PodEnvironment current() {
        return of(System.getenv(), SERVICE_ACCOUNT);
    }

    static PodEnvironment of(Map<String, String> variables, Path serviceAccount) {
        String host = variables.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        String port = variables.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        if (host.isEmpty()) {
            throw TpException.environment(
                    "KUBERNETES_SERVICE_HOST is not set",
                    "run the manager in a pod; 'tp connect' installs it");
        }
        try {
            return new PodEnvironment(
                    URI.create(
                            "https://"
                                    + (host.contains(":") ? "[" + host + "]" : host)
                                    + ":"
                                    + port),
                    serviceAccount.resolve("token"),
                    serviceAccount.resolve("ca.crt"),
                    Files.readString(serviceAccount.resolve("namespace")).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "the pod's service account cannot be read: " + e.getMessage(),
                    "set automountServiceAccountToken to true in the pod's template",
                    e);
        }
    }
}
