package tp.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.json.JsonMapper;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** The ConfigMaps in the cluster that carry the manager's jars, of this version and of others. */
final class CodeMaps {

    private static final String SELECTOR =
            "labelSelector=%s%%3D%s,%s%%3D%s"
                    .formatted(
                            ManagerObjects.LABEL_KEY,
                            ManagerObjects.NAME,
                            JarDelivery.PART_KEY,
                            JarDelivery.PART);

    /** Ten megabytes of jars are not wanted where their names are enough. */
    private static final String NAMES_ONLY =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    private static final long PATIENCE_SECONDS = 9;
    private static final int NOT_FOUND = 404;

    private static final JsonMapper JSON = new JsonMapper();

    private final Api api;
    private final String home;

    /**
     * @param home the namespace that the manager is in
     */
    CodeMaps(Api api, String home) {
        this.api = api;
        this.home = home;
    }

    /** {@return those that are there, without their data} */
    List<ConfigMap> found() {
        String json = api.call("list the ConfigMaps of the manager's code in " + home, this::list);
        return JSON.readTree(json)
                .path("items")
                .valueStream()
                .map(item -> item.at("/metadata/name").asString(""))
                .filter(name -> name.startsWith(JarBundles.NAME))
                .map(this::named)
                .toList();
    }

    private String list(KubernetesClient client) {
        String base = client.getMasterUrl().toString().replaceAll("/+$", "");
        var http = client.getHttpClient();
        try {
            HttpResponse<String> answer =
                    http.sendAsync(
                                    http.newHttpRequestBuilder()
                                            .uri(
                                                    base
                                                            + "/api/v1/namespaces/"
                                                            + home
                                                            + "/configmaps?"
                                                            + SELECTOR)
                                            .header("Accept", NAMES_ONLY)
                                            .build(),
                                    String.class)
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (answer.code() == NOT_FOUND) {
                return "{}"; // as the rest of the client has it
            } else if (!answer.isSuccessful()) {
                throw new KubernetesClientException(answer.message(), answer.code(), null);
            }
            return answer.body();
        } catch (ExecutionException | TimeoutException e) {
            throw new KubernetesClientException(Failures.oneLine(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TpException(Category.TRANSIENT, "interrupted", "", e);
        }
    }

    private ConfigMap named(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(home)
                .endMetadata()
                .build();
    }

    /**
     * What has the name of its content and another content was changed by somebody. It is not
     * mended unseen; and nodes keep what they have of an immutable ConfigMap that a pod uses.
     *
     * @throws TpException where that is so
     */
    static void requireSame(ConfigMap wanted, ConfigMap there) {
        if (!wanted.getBinaryData().equals(there.getBinaryData())) {
            throw TpException.environment(
                    "the ConfigMap "
                            + wanted.getMetadata().getName()
                            + " in "
                            + wanted.getMetadata().getNamespace()
                            + " does not hold the jars that its name stands for",
                    JarPod.NEXT);
        }
    }

    /**
     * Removes what carries jars that nobody runs any more.
     *
     * @param used names of those that stay
     * @return what was removed
     */
    List<ConfigMap> removeOthers(List<String> used) {
        List<ConfigMap> others =
                found().stream()
                        .filter(map -> !used.contains(map.getMetadata().getName()))
                        .toList();
        others.forEach(this::remove);
        return others;
    }

    private void remove(ConfigMap map) {
        api.call("remove " + ManagerManifests.name(map), client -> client.resource(map).delete());
    }
}
