package tp.sandbox.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;

/**
 * The files that a pod's containers see: resolver, hosts, volumes. They lie in the pod's directory
 * on the sandbox's tmpfs; {@code container.sh} mounts them.
 */
final class PodFiles {

    static final String ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static final String ZONE = "cluster.local";

    private final Path directory;
    private final Volumes volumes;

    PodFiles(ObjectStore store, Credentials credentials, ObjectNode pod) {
        this.directory = Places.PODS.resolve(Json.uid(pod));
        this.volumes = new Volumes(store, credentials, directory.resolve("volumes"));
    }

    Path directory() {
        return directory;
    }

    /** Writes what belongs to the pod as a whole. */
    void write(ObjectNode pod, NodeNetwork.PodNetwork network) {
        try {
            Files.createDirectories(directory.resolve("volumes"));
            Files.copy(
                    Commands.scriptPath("enter.sh"),
                    directory.resolve("enter.sh"),
                    StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(directory.resolve("hostname"), hostname(pod) + "\n");
            Files.writeString(directory.resolve("hosts"), hosts(pod, network));
            Files.writeString(directory.resolve("resolv.conf"), resolver(pod));
            volumes.write(pod);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a pod's files", e);
        }
    }

    /** Writes the volumes again, with what ConfigMaps, Secrets and the pod itself say now. */
    void refresh(ObjectNode pod) {
        try {
            volumes.write(pod);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a pod's files", e);
        }
    }

    /** Writes a container's mount list and returns its name. */
    String writeMounts(JsonNode pod, JsonNode container) {
        StringBuilder list = new StringBuilder();
        boolean hasAccount = false;
        for (JsonNode mount : Json.items(container, "/volumeMounts")) {
            String target = Json.text(mount, "/mountPath");
            hasAccount |= target.equals(ACCOUNT_DIRECTORY);
            boolean readOnly =
                    Json.flag(mount, "/readOnly") || isGiven(pod, Json.text(mount, "/name"));
            list.append(
                    line(
                            "volume",
                            "/.pod/volumes/" + Json.text(mount, "/name") + subPath(mount),
                            target,
                            readOnly ? "ro" : "rw"));
        }
        if (!hasAccount && Volumes.mountsAccount(pod)) {
            String source = "/.pod/volumes/" + Volumes.ACCOUNT;
            list.append(line("volume", source, ACCOUNT_DIRECTORY, "ro"));
        }
        String message = Json.text(container, "/terminationMessagePath");
        if (!message.isEmpty()) {
            String source = "/.pod/" + terminationMessage(container).getFileName();
            list.append(line("volume", source, message, "rw"));
        }
        String workingDirectory = Json.text(container, "/workingDir");
        if (!workingDirectory.isEmpty()) {
            list.append(line("directory", "-", workingDirectory, "-"));
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

    /** Where a program may say in one line why it ended; empty before each start. */
    Path terminationMessage(JsonNode container) {
        return directory.resolve("message-" + Json.text(container, "/name"));
    }

    /** A volume whose files are made for the pod is read-only, whatever the mount says. */
    private static boolean isGiven(JsonNode pod, String volume) {
        return Json.items(pod, "/spec/volumes").stream()
                .filter(one -> Json.text(one, "/name").equals(volume))
                .anyMatch(Volumes::isGiven);
    }

    void delete() {
        try {
            VolumeDirectory.delete(directory);
        } catch (IOException | UncheckedIOException e) {
            System.getLogger("tp.sandbox").log(System.Logger.Level.DEBUG, "files of a pod stay", e);
        }
    }

    static String hostname(JsonNode pod) {
        String set = Json.text(pod, "/spec/hostname");
        String host = set.isEmpty() ? Json.name(pod) : set;
        // The kernel takes 64 bytes; Kubernetes cuts at 63.
        return host.length() <= 63 ? host : host.substring(0, 63);
    }

    private static String hosts(JsonNode pod, NodeNetwork.PodNetwork network) {
        StringBuilder hosts =
                new StringBuilder("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n");
        String subdomain = Json.text(pod, "/spec/subdomain");
        String names =
                subdomain.isEmpty()
                        ? hostname(pod)
                        : "%s.%s.%s.svc.%s\t%s"
                                .formatted(
                                        hostname(pod),
                                        subdomain,
                                        Json.namespace(pod),
                                        ZONE,
                                        hostname(pod));
        network.addresses()
                .forEach(address -> hosts.append(address).append('\t').append(names).append('\n'));
        for (JsonNode alias : Json.items(pod, "/spec/hostAliases")) {
            hosts.append(Json.text(alias, "/ip"))
                    .append('\t')
                    .append(String.join("\t", Json.texts(alias, "/hostnames")))
                    .append('\n');
        }
        return hosts.toString();
    }

    /** The rules of dnsPolicy: ClusterFirst unless it is None, and what dnsConfig adds. */
    private static String resolver(JsonNode pod) {
        Set<String> servers = new LinkedHashSet<>();
        Set<String> search = new LinkedHashSet<>();
        List<String> options = new ArrayList<>();
        if (!Json.text(pod, "/spec/dnsPolicy").equals("None")) {
            servers.add(NodeNetwork.DNS_SERVICE_ADDRESS);
            search.add(Json.namespace(pod) + ".svc." + ZONE);
            search.add("svc." + ZONE);
            search.add(ZONE);
            options.add("ndots:5");
        }
        servers.addAll(Json.texts(pod, "/spec/dnsConfig/nameservers"));
        search.addAll(Json.texts(pod, "/spec/dnsConfig/searches"));
        for (JsonNode option : Json.items(pod, "/spec/dnsConfig/options")) {
            String name = Json.text(option, "/name");
            options.removeIf(old -> old.equals(name) || old.startsWith(name + ":"));
            options.add(option.has("value") ? name + ":" + Json.text(option, "/value") : name);
        }
        return (search.isEmpty() ? "" : "search " + String.join(" ", search) + "\n")
                + servers.stream()
                        .map(server -> "nameserver " + server + "\n")
                        .collect(Collectors.joining())
                + (options.isEmpty() ? "" : "options " + String.join(" ", options) + "\n");
    }

    private static String subPath(JsonNode mount) {
        String path = Json.text(mount, "/subPath");
        return path.isEmpty() ? "" : "/" + path;
    }

    private static String line(String kind, String source, String target, String mode) {
        return String.join("\t", kind, source, target, mode) + "\n";
    }
}
