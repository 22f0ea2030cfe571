package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** What the Kubernetes client throws, as one line with a next step. */
final class Failures {

    private static final int MOST_CHARACTERS = 400;

    private Failures() {}

    /**
     * @param doing what was tried, such as {@code "read the ConfigMap tp-manager-info"}
     */
    static TpException told(String server, String doing, KubernetesClientException e) {
        if (e.getCode() <= 0) {
            return unreached(server, e);
        }
        return switch (e.getCode()) {
            case 401 ->
                    new TpException(
                            Category.ENVIRONMENT,
                            "the API server " + server + " refused the credentials (401)",
                            "log in again, or choose another --context",
                            e);
            case 403 ->
                    new TpException(
                            Category.ENVIRONMENT,
                            "not allowed to " + doing + ": " + reason(e),
                            "ask an administrator of the cluster for that right (docs/rbac.md)",
                            e);
            case 429, 500, 502, 503, 504 ->
                    new TpException(
                            Category.TRANSIENT,
                            "the API server " + server + " could not " + doing + ": " + reason(e),
                            "try again",
                            e);
            default ->
                    new TpException(
                            Category.ENVIRONMENT,
                            "could not " + doing + ": " + reason(e),
                            "see what 'kubectl' says of the same server",
                            e);
        };
    }

    /** {@return the status that the server answered with, 0 where it was none of its answers} */
    static int code(TpException e) {
        Throwable cause = e.getCause();
        if (cause instanceof TpException told) {
            return code(told); // told again with a better next step
        }
        return cause instanceof KubernetesClientException told ? told.getCode() : 0;
    }

    /** No answer at all: the cause tells which of the usual things it was. */
    private static TpException unreached(String server, KubernetesClientException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return new TpException(
                        Category.ENVIRONMENT,
                        "no TLS connection to " + server + ": " + oneLine(rootOf(cause)),
                        "check the server's address and certificate-authority in the kubeconfig",
                        e);
            }
            if (cause instanceof UnknownHostException) {
                return unreachable(server, "its name is not known", e);
            }
            if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
                return unreachable(server, oneLine(cause), e);
            }
            if (cause instanceof TimeoutException) {
                return unreachable(server, "it did not answer in time", e);
            }
        }
        return unreachable(server, oneLine(rootOf(e)), e);
    }

    private static TpException unreachable(
            String server, String why, KubernetesClientException cause) {
        return new TpException(
                Category.TRANSIENT,
                "the API server " + server + " cannot be reached: " + why,
                "check that the cluster runs and that this machine reaches it, or choose another"
                        + " --context",
                cause);
    }

    private static String reason(KubernetesClientException e) {
        if (e.getStatus() != null && e.getStatus().getMessage() != null) {
            return oneLine(e.getStatus().getMessage());
        }
        return "status " + e.getCode();
    }

    private static Throwable rootOf(Throwable e) {
        Throwable root = e;
        for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
            root = root.getCause();
        }
        return root;
    }

    static String oneLine(Throwable e) {
        String message = e.getMessage();
        return message == null || message.isBlank()
                ? e.getClass().getSimpleName()
                : oneLine(message);
    }

    static String oneLine(String text) {
        String line = text.strip().replaceAll("[\\p{C}\\s]+", " ");
        return line.length() <= MOST_CHARACTERS ? line : line.substring(0, MOST_CHARACTERS) + "…";
    }
}
