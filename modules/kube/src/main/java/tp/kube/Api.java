package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tp.spi.common.TpException;

/** Calls of the API server, whose failures are told in one line. */
final class Api implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

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
    <T extends @Nullable Object> T call(String doing, Function<KubernetesClient, T> call) {
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

    /** {@return an object, empty where there is none, and also where it may not be seen} */
    <T> Optional<T> seen(String doing, Function<KubernetesClient, @Nullable T> call) {
        try {
            return Optional.ofNullable(this.<@Nullable T>call(doing, call));
        } catch (TpException e) {
            if (Failures.code(e) == 403) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * {@return an object as JSON, empty where there is none} Cheap, unlike objects of the client's
     * classes: the first of each kind has all the classes examined that it can be made of.
     *
     * @param path and query, from {@code /api} on
     */
    Optional<JsonNode> read(String doing, String path) {
        return Optional.ofNullable(this.<@Nullable String>call(doing, client -> client.raw(path)))
                .map(json -> parsed(doing, json));
    }

    /** {@return what the server made of it} */
    JsonNode create(String doing, String path, JsonNode body) {
        return parsed(doing, call(doing, client -> client.raw(path, "POST", body.toString())));
    }

    private static JsonNode parsed(String doing, String json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            // Without the cause, which quotes what may be a secret.
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "could not " + doing + ": the answer is no JSON",
                    "check the server's address in the kubeconfig, and proxies on the way");
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
