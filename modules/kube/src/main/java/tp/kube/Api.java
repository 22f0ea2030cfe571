package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.function.Function;
import tp.spi.common.TpException;

/** Calls of the API server, whose failures are told in one line. */
final class Api implements AutoCloseable {

    private final KubernetesClient client;
    private final String server;

    Api(KubernetesClient client, String server) {
        this.client = client;
        this.server = server;
    }

    KubernetesClient client() {
        return client;
    }

    /**
     * {@return what the call gave}
     *
     * @param doing what the call does, to follow "not allowed to"
     */
    <T extends @org.jspecify.annotations.Nullable Object> T call(
            String doing, Function<KubernetesClient, T> call) {
        try {
            try {
                return call.apply(client);
            } catch (KubernetesClientException e) {
                if (e.getCode() != 401 || !forgotCredential()) {
                    throw e;
                }
                return call.apply(client);
            }
        } catch (KubernetesClientException e) {
            throw withinOr(e, Failures.told(server, doing, e));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw withinOr(
                    e,
                    new TpException(
                            TpException.Category.ENVIRONMENT,
                            "could not " + doing + ": " + Failures.oneLine(e),
                            "check the kubeconfig",
                            e));
        }
    }

    /** A plug-in's token without an end holds until the server says otherwise. */
    private boolean forgotCredential() {
        if (client.getConfiguration().getOauthTokenProvider() instanceof ExecCredential plugIn) {
            plugIn.forget();
            return true;
        }
        return false;
    }

    /** A credential's own failure arrives wrapped in the client's. */
    private static TpException withinOr(Throwable e, TpException otherwise) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof TpException told) {
                return told;
            }
        }
        return otherwise;
    }

    @Override
    public void close() {
        client.close();
    }
}
