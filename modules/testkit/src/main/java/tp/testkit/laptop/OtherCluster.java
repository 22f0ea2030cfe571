package tp.testkit.laptop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A cluster that is no sandbox, which the system property {@code tp.kubeconfig} names. The tests'
 * laptop before it is a network namespace of this machine, for which it needs root. It is given the
 * sandbox's sample workloads and a manager, which stay there.
 */
final class OtherCluster {

    private static final String PROPERTY = "tp.kubeconfig";

    /** Namespaces that the samples make, which are nobody else's to have. */
    private static final String PREPARE =
            """
            set -eu
            if kubectl get namespace team-a >/dev/null 2>&1 && ! kubectl -n team-a get configmap tp-samples >/dev/null 2>&1; then
                echo "the cluster has a namespace team-a already, which the tests would change; take a cluster that is for tests"
                exit 1
            fi
            "$1" sandbox samples >"$2"
            kubectl apply -f "$2" >/dev/null
            for n in default team-a; do
                for d in $(kubectl -n $n get deployments -o name | grep -v tp-manager); do
                    kubectl -n $n rollout status $d --timeout=300s >/dev/null
                done
            done
            "$1" install
            """;

    private static boolean prepared;

    private OtherCluster() {}

    static Optional<Path> kubeconfig() {
        return Optional.ofNullable(System.getProperty(PROPERTY))
                .filter(text -> !text.isBlank())
                .map(text -> Path.of(text).toAbsolutePath());
    }

    /** {@return what starts a laptop's shell} The cluster has been prepared then, once a run. */
    static synchronized ProcessBuilder laptop(Path kubeconfig, Path image)
            throws IOException, InterruptedException {
        if (!prepared) {
            prepare(kubeconfig, image.resolve("bin/tp"));
            prepared = true;
        }
        ProcessBuilder builder =
                new ProcessBuilder("sh", script().toString(), kubeconfig.toString());
        String path = builder.environment().getOrDefault("PATH", "/usr/bin:/bin");
        builder.environment().put("PATH", image.resolve("bin") + ":" + path + ":/usr/sbin:/sbin");
        return builder;
    }

    private static void prepare(Path kubeconfig, Path tp) throws IOException, InterruptedException {
        Path manifests = Files.createTempFile("tp-samples-", ".yaml");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(
                            List.of(
                                    "sh",
                                    "-c",
                                    PREPARE,
                                    "sh",
                                    tp.toString(),
                                    manifests.toString()));
            builder.environment().put("KUBECONFIG", kubeconfig.toString());
            Process process = builder.redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("cannot prepare the cluster: " + said.strip());
            }
            System.out.println(
                    "the cluster of "
                            + kubeconfig
                            + " has the samples and a manager; to remove them: tp uninstall;"
                            + " tp sandbox samples | kubectl delete -f -");
        } finally {
            Files.deleteIfExists(manifests);
        }
    }

    private static Path script() throws IOException {
        Path script = Files.createTempFile("tp-laptop-", ".sh");
        script.toFile().deleteOnExit();
        try (InputStream in =
                Objects.requireNonNull(
                        OtherCluster.class.getResourceAsStream("other-cluster.sh"))) {
            Files.write(script, in.readAllBytes());
        }
        return script;
    }
}
