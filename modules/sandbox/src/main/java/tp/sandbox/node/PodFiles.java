package tp.sandbox.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;
import tp.spi.common.TpException;

/**
 * The files that a pod's containers see: resolver, hosts, volumes. They lie in the pod's directory
 * on the sandbox's tmpfs; {@code container.sh} mounts them.
 */
final class PodFiles {

    static final String ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static final Duration TOKEN_LIFE = Duration.ofHours(24);
    private static final String ACCOUNT_VOLUME = "tp-account";

    private final ObjectStore store;
    private final Credentials credentials;
    private final ObjectNode pod;
    private final Path directory;

    PodFiles(ObjectStore store, Credentials credentials, ObjectNode pod) {
        this.store = store;
        this.credentials = credentials;
        this.pod = pod;
        this.directory = Places.PODS.resolve(Json.uid(pod));
    }

    Path directory() {
        return directory;
    }

    /** Writes what belongs to the pod as a whole. */
    void write(NodeNetwork.PodNetwork network) {
        try {
            Files.createDirectories(directory.resolve("volumes"));
            Files.copy(
                    Commands.scriptPath("enter.sh"),
                    directory.resolve("enter.sh"),
                    StandardCopyOption.REPLACE_EXISTING);
            String host = hostname();
            Files.writeString(directory.resolve("hostname"), host + "\n");
            Files.writeString(
                    directory.resolve("hosts"),
                    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
                            + network.address()
                            + "\t"
                            + host
                            + "\n");
            Files.writeString(directory.resolve("resolv.conf"), resolver());
            for (JsonNode volume : Json.items(pod, "/spec/volumes")) {
                writeVolume(volume);
            }
            if (mountsAccount()) {
                writeAccount(volumeDirectory(ACCOUNT_VOLUME));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a pod's files", e);
        }
    }

    /** Writes a container's mount list and returns its name. */
    String writeMounts(JsonNode container) {
        StringBuilder list = new StringBuilder();
        boolean hasAccount = false;
        for (JsonNode mount : Json.items(container, "/volumeMounts")) {
            String target = Json.text(mount, "/mountPath");
            hasAccount |= target.equals(ACCOUNT_DIRECTORY);
            list.append(
                    line(
                            "volume",
                            "/.pod/volumes/" + Json.text(mount, "/name") + subPath(mount),
                            target,
                            Json.flag(mount, "/readOnly") ? "ro" : "rw"));
        }
        if (!hasAccount && mountsAccount()) {
            String source = "/.pod/volumes/" + ACCOUNT_VOLUME;
            list.append(line("volume", source, ACCOUNT_DIRECTORY, "ro"));
        }
        String workingDirectory = Json.text(container, "/workingDir");
        if (!workingDirectory.isEmpty()) {
            list.append(line("directory", "-", workingDirectory, "-"));
        }
        if (Json.texts(container, "/securityContext/capabilities/drop").contains("ALL")) {
            list.append(line("capabilities", "-", "none", "-"));
        }
        if (Json.flag(container, "/securityContext/readOnlyRootFilesystem")) {
            list.append(line("read-only", "-", "/", "-"));
        }
        String name = "mounts-" + Json.text(container, "/name");
        try {
            Files.writeString(directory.resolve(name), list);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a container's mounts", e);
        }
        return name;
    }

    void delete() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.getLogger("tp.sandbox").log(System.Logger.Level.DEBUG, "files of a pod stay", e);
        }
    }

    String hostname() {
        String set = Json.text(pod, "/spec/hostname");
        String host = set.isEmpty() ? Json.name(pod) : set;
        // The kernel takes 64 bytes; Kubernetes cuts at 63.
        return host.length() <= 63 ? host : host.substring(0, 63);
    }

    /** The rules of dnsPolicy ClusterFirst, which every pod here has. */
    private String resolver() {
        String namespace = Json.namespace(pod);
        return "search "
                + namespace
                + ".svc.cluster.local svc.cluster.local cluster.local\nnameserver "
                + NodeNetwork.DNS_SERVICE_ADDRESS
                + "\noptions ndots:5\n";
    }

    private boolean mountsAccount() {
        JsonNode choice = pod.at("/spec/automountServiceAccountToken");
        return choice.isMissingNode() || choice.asBoolean(true);
    }

    private Path volumeDirectory(String name) throws IOException {
        return Files.createDirectories(directory.resolve("volumes").resolve(name));
    }

    private void writeVolume(JsonNode volume) throws IOException {
        Path target = volumeDirectory(Json.text(volume, "/name"));
        if (volume.has("configMap")) {
            writeItems(target, volume.path("configMap"), false);
        } else if (volume.has("secret")) {
            writeItems(target, volume.path("secret"), true);
        } else if (volume.has("projected")) {
            for (JsonNode source : Json.items(volume, "/projected/sources")) {
                writeProjected(target, source);
            }
        } else if (volume.has("downwardAPI")) {
            writeDownward(target, volume.path("downwardAPI"));
        }
        // Anything else, emptyDir first of all, is an empty directory.
    }

    private void writeProjected(Path target, JsonNode source) throws IOException {
        if (source.has("serviceAccountToken")) {
            JsonNode token = source.path("serviceAccountToken");
            String audience = Json.text(token, "/audience");
            List<String> audiences = audience.isEmpty() ? List.of() : List.of(audience);
            replace(
                    child(target, Json.text(token, "/path")),
                    credentials.token(pod, audiences, TOKEN_LIFE));
        } else if (source.has("configMap")) {
            writeItems(target, source.path("configMap"), false);
        } else if (source.has("secret")) {
            writeItems(target, source.path("secret"), true);
        } else if (source.has("downwardAPI")) {
            writeDownward(target, source.path("downwardAPI"));
        }
    }

    private void writeAccount(Path target) throws IOException {
        replace(target.resolve("token"), credentials.token(pod, List.of(), TOKEN_LIFE));
        Files.writeString(target.resolve("ca.crt"), credentials.certificateAuthority());
        Files.writeString(target.resolve("namespace"), Json.namespace(pod));
    }

    private void writeDownward(Path target, JsonNode source) throws IOException {
        for (JsonNode item : Json.items(source, "/items")) {
            replace(
                    child(target, Json.text(item, "/path")),
                    PodEnvironment.field(pod, Json.text(item, "/fieldRef/fieldPath")));
        }
    }

    /** Writes a ConfigMap's or a Secret's entries, all of them or those that are listed. */
    private void writeItems(Path target, JsonNode source, boolean isSecret) throws IOException {
        String name = Json.text(source, source.has("secretName") ? "/secretName" : "/name");
        Optional<Map<String, byte[]>> entries = entries(name, isSecret);
        if (entries.isEmpty()) {
            if (Json.flag(source, "/optional")) {
                return;
            }
            throw TpException.environment(
                    (isSecret ? "secret" : "configmap") + " \"" + name + "\" not found", "");
        }
        Map<String, String> paths = new TreeMap<>();
        for (JsonNode item : Json.items(source, "/items")) {
            paths.put(Json.text(item, "/key"), Json.text(item, "/path"));
        }
        Set<String> keys = paths.isEmpty() ? entries.get().keySet() : new TreeSet<>(paths.keySet());
        for (String key : keys) {
            byte[] content = entries.get().get(key);
            if (content != null) {
                replace(child(target, paths.getOrDefault(key, key)), content);
            }
        }
    }

    private Optional<Map<String, byte[]>> entries(String name, boolean isSecret) {
        return store.get(
                        isSecret ? Resources.SECRETS : Resources.CONFIG_MAPS,
                        Json.namespace(pod),
                        name)
                .map(
                        object -> {
                            Map<String, byte[]> entries = new TreeMap<>();
                            Map<String, String> data = Json.map(object, "/data");
                            data.forEach(
                                    (key, value) ->
                                            entries.put(
                                                    key,
                                                    isSecret
                                                            ? Base64.getMimeDecoder().decode(value)
                                                            : value.getBytes(
                                                                    StandardCharsets.UTF_8)));
                            Json.map(object, "/binaryData")
                                    .forEach(
                                            (key, value) ->
                                                    entries.put(
                                                            key,
                                                            Base64.getMimeDecoder().decode(value)));
                            return entries;
                        });
    }

    private static void replace(Path file, String content) throws IOException {
        replace(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A program that reads the file meanwhile sees the old content or the new, whole. */
    private static void replace(Path file, byte[] content) throws IOException {
        Path made = file.resolveSibling("." + file.getFileName() + ".new");
        Files.write(made, content);
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A path below a volume that cannot leave it. */
    private static Path child(Path directory, String path) throws IOException {
        Path child = directory.resolve(path).normalize();
        if (!child.startsWith(directory) || child.equals(directory)) {
            throw TpException.environment("the path \"" + path + "\" leaves its volume", "");
        }
        Files.createDirectories(child.getParent());
        return child;
    }

    private static String subPath(JsonNode mount) {
        String path = Json.text(mount, "/subPath");
        return path.isEmpty() ? "" : "/" + path;
    }

    private static String line(String kind, String source, String target, String mode) {
        return String.join("\t", kind, source, target, mode) + "\n";
    }
}
