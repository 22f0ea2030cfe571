package tp.kube;

import io.fabric8.kubernetes.api.model.ExecConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.common.TpException;

/**
 * What the laptop reads that a cluster, a credential plug-in or an administrator wrote: JSON of the
 * API server, an ExecCredential, a kubeconfig, a date.
 */
public final class ClusterDocuments implements Target {

    private final ExecCredential plugin;
    private final Path kubeconfig;

    public ClusterDocuments() throws IOException {
        ExecConfig exec = new ExecConfig();
        exec.setCommand("plug-in");
        plugin = new ExecCredential(exec, Optional.empty());
        kubeconfig = Files.createTempFile("tp-fuzz", ".yaml");
        kubeconfig.toFile().deleteOnExit();
    }

    @Override
    public void take(byte[] input) throws IOException {
        Input in = new Input(input);
        int kind = in.octet() % 4;
        byte[] bytes = in.rest();
        switch (kind) {
            case 0 -> objects(bytes);
            case 1 -> credential(bytes);
            case 2 -> kubeconfig(bytes);
            default -> ServerClock.ahead(new Input(bytes).text(), Instant.EPOCH);
        }
    }

    private static void objects(byte[] json) {
        JsonNode node;
        try {
            node = JsonMapper.shared().readTree(json);
        } catch (JacksonException e) {
            return; // no JSON
        }
        Optional<ClusterTable.Service> service = TableObjects.service(node);
        Promise.kept(
                service.isEmpty()
                        || service.get().ports().stream().allMatch(port -> port.port() > 0),
                "a port has a number");
        TableObjects.slice(node);
        TableObjects.pod(node);
        TableObjects.name(node);
    }

    private void credential(byte[] output) {
        try {
            plugin.parsed(output);
        } catch (TpException e) {
            Promise.kept(e.getCause() == null, "no output is quoted");
        }
    }

    private void kubeconfig(byte[] yaml) throws IOException {
        Files.write(kubeconfig, yaml);
        KubeSettings settings = new KubeSettings(Optional.of(kubeconfig), Optional.empty());
        try {
            Kubeconfig loaded = Kubeconfig.load(settings, Map.of());
            Promise.kept(!loaded.namespace().isBlank(), "there is a namespace");
            Promise.kept(loaded.cluster() != null && loaded.user() != null, "and whom to ask");
            loaded.userFolder();
        } catch (TpException e) {
            Promise.kept(String.valueOf(e.getMessage()).lines().count() == 1, "why is one line");
        }
    }

    @Override
    public List<byte[]> seeds() {
        String object =
                """
                {"metadata":{"name":"web","namespace":"default","uid":"u",\
                "labels":{"kubernetes.io/service-name":"web"}},\
                "spec":{"type":"ClusterIP","clusterIP":"10.96.0.10","clusterIPs":["10.96.0.10"],\
                "externalName":"e","ports":[{"name":"http","port":80,"protocol":"TCP"}]},\
                "addressType":"IPv4","ports":[{"name":"http","port":8080}],\
                "endpoints":[{"addresses":["10.244.0.7"],"conditions":{"ready":true},\
                "hostname":"h","targetRef":{"kind":"Pod","name":"p"}}],\
                "status":{"phase":"Running","podIPs":[{"ip":"10.244.0.7"}]}}""";
        String credential =
                """
                {"kind":"ExecCredential","status":{"token":"t","clientCertificateData":"c",\
                "clientKeyData":"k","expirationTimestamp":"2030-01-01T00:00:00Z"}}""";
        String config =
                """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts:
                - name: c
                  context: {cluster: k, user: u, namespace: n}
                clusters:
                - name: k
                  cluster: {server: "https://k"}
                users:
                - name: u
                  user: {token: t}
                """;
        return List.of(
                seed(0, object),
                seed(1, credential),
                seed(2, config),
                seed(3, "Tue, 01 Dec 2026 00:00:00 GMT"));
    }

    private static byte[] seed(int kind, String text) {
        return new Bytes().octet(kind).raw(text.getBytes(StandardCharsets.UTF_8)).array();
    }

    /** Jackson's and SnakeYAML's own buffers, and trees whose leaves are of two bytes. */
    @Override
    public long capBytes(int inputBytes) {
        return 1024 * 1024 + 4_096L * inputBytes;
    }
}
