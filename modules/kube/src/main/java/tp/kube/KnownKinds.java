package tp.kube;

import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.model.jackson.Jackson2JdkTypesModule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/**
 * How objects are read and written here: by the class that whoever asks for them names. The
 * client's usual way also loads the class of every other kind that Kubernetes has, some two
 * thousand, in case an object is one of them; only {@link ManagerManifests} reads such.
 */
final class KnownKinds {

    static final KubernetesSerialization SERIALIZATION =
            new KubernetesSerialization(
                    JsonMapper.builderWithJackson2Defaults()
                            .addModule(new Jackson2JdkTypesModule())
                            .build(),
                    false);

    /** Under these the client looks for the file that paths of a kubeconfig are relative to. */
    private static final String CONTEXT_FILE = "KUBERNETES_CONFIG_CONTEXT_FILE_KEY";

    private static final String CLUSTER_FILE = "KUBERNETES_CONFIG_CLUSTER_FILE_KEY";
    private static final String USER_FILE = "KUBERNETES_CONFIG_AUTH_INFO_FILE_KEY";

    private KnownKinds() {}

    /**
     * As {@code KubeConfigUtils.parseConfig} does it, which has the usual way.
     *
     * @throws KubernetesClientException or another unchecked one, quoting the file, where it is no
     *     kubeconfig
     */
    static Config kubeconfig(Path path) throws IOException {
        Config config;
        try (InputStream in = Files.newInputStream(path)) {
            config = SERIALIZATION.unmarshal(in, Config.class);
        }
        if (config.getContexts() != null) {
            config.getContexts()
                    .forEach(one -> one.setAdditionalProperty(CONTEXT_FILE, path.toFile()));
        }
        if (config.getClusters() != null) {
            config.getClusters()
                    .forEach(one -> one.setAdditionalProperty(CLUSTER_FILE, path.toFile()));
        }
        if (config.getUsers() != null) {
            config.getUsers().forEach(one -> one.setAdditionalProperty(USER_FILE, path.toFile()));
        }
        return config;
    }
}
