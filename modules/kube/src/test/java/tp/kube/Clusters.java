package tp.kube;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Kubeconfigs and clusters for tests. */
final class Clusters {

    /** Must never be seen anywhere but in the header of a request. */
    static final String SECRET = "s3cr3t-t0ken-of-the-user";

    private Clusters() {}

    static String kubeconfig(String server) {
        return """
        apiVersion: v1
        kind: Config
        current-context: dev
        contexts:
        - name: dev
          context: {cluster: here, user: me, namespace: team-a}
        - name: other
          context: {cluster: here, user: me}
        clusters:
        - name: here
          cluster: {server: "%s"}
        users:
        - name: me
          user: {token: %s}
        """
                .formatted(server, SECRET);
    }

    static Path write(Path folder, String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    static KubeCluster open(Path folder, String server) throws IOException {
        return open(folder, server, Pace.ofSystem());
    }

    static KubeCluster open(Path folder, String server, Pace pace) throws IOException {
        return open(folder, server, surroundings(pace));
    }

    static KubeCluster open(Path folder, String server, Surroundings surroundings)
            throws IOException {
        Path file = write(folder, "config", kubeconfig(server));
        return KubeCluster.open(
                new KubeSettings(Optional.of(file), Optional.empty()), surroundings);
    }

    static Surroundings surroundings(Pace pace) {
        return surroundings(pace, Duration.ofSeconds(20));
    }

    static Surroundings surroundings(Pace pace, Duration timeout) {
        return new Surroundings(Map.of(), pace, timeout, timeout);
    }
}
