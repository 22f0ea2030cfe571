package tp.sandbox.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;
import tp.spi.common.TpException;

/** The contents of a pod's volumes; written again, they show what has changed meanwhile. */
final class Volumes {

    private static final Duration TOKEN_LIFE = Duration.ofHours(24);

    /** Where a pod without such a volume of its own has its service account's. */
    static final String ACCOUNT = "tp-account";

    private final ObjectStore store;
    private final Credentials credentials;
    private final Path directory;

    /** Files of one volume that are to be there, by path. */
    private static final class Content {

        private final ObjectNode pod;
        private final Map<String, VolumeDirectory.Entry> entries = new TreeMap<>();

        Content(ObjectNode pod) {
            this.pod = pod;
        }

        void put(String path, byte[] bytes, int mode) {
            entries.put(path, new VolumeDirectory.Entry(bytes, mode));
        }

        void put(String path, String text, int mode) {
            put(path, text.getBytes(StandardCharsets.UTF_8), mode);
        }
    }

    Volumes(ObjectStore store, Credentials credentials, Path directory) {
        this.store = store;
        this.credentials = credentials;
        this.directory = directory;
    }

    /** A kind of volume that shows an object of the store. */
    private record Source(String field, ResourceType type, String nameInVolume) {}

    private static final List<Source> SOURCES =
            List.of(
                    new Source("configMap", Resources.CONFIG_MAPS, "/name"),
                    new Source("secret", Resources.SECRETS, "/secretName"));

    /**
     * @throws TpException where something that the pod names does not exist
     */
    void write(ObjectNode pod) throws IOException {
        for (JsonNode volume : Json.items(pod, "/spec/volumes")) {
            String name = Json.text(volume, "/name");
            VolumeDirectory target = new VolumeDirectory(directory.resolve(name));
            Optional<Content> content = content(pod, volume);
            if (content.isPresent()) {
                target.show(content.get().entries);
            } else {
                // An emptyDir; and what the sandbox cannot have is an empty directory as well.
                target.create();
            }
        }
        if (mountsAccount(pod)) {
            Content content = new Content(pod);
            content.put("token", credentials.token(pod, List.of(), TOKEN_LIFE), 0644);
            content.put("ca.crt", credentials.certificateAuthority(), 0644);
            content.put("namespace", Json.namespace(pod), 0644);
            new VolumeDirectory(directory.resolve(ACCOUNT)).show(content.entries);
        }
    }

    static boolean mountsAccount(JsonNode pod) {
        JsonNode choice = pod.at("/spec/automountServiceAccountToken");
        return choice.isMissingNode() || choice.asBoolean(true);
    }

    /** {@return whether the volumes show something that may change} */
    static boolean mayChange(JsonNode pod) {
        return Json.items(pod, "/spec/volumes").stream().anyMatch(Volumes::isGiven);
    }

    /** {@return whether a volume's files are made for the pod, which cannot write them then} */
    static boolean isGiven(JsonNode volume) {
        return volume.has("configMap")
                || volume.has("secret")
                || volume.has("projected")
                || volume.has("downwardAPI");
    }

    private Optional<Content> content(ObjectNode pod, JsonNode volume) {
        Content content = new Content(pod);
        for (Source source : SOURCES) {
            JsonNode from = volume.path(source.field);
            if (!from.isMissingNode()) {
                add(content, source, from, Json.text(from, source.nameInVolume), mode(from));
                return Optional.of(content);
            }
        }
        if (volume.has("downwardAPI")) {
            addFields(content, volume.path("downwardAPI"), mode(volume.path("downwardAPI")));
            return Optional.of(content);
        }
        if (volume.has("projected")) {
            int mode = mode(volume.path("projected"));
            Json.items(volume, "/projected/sources").forEach(part -> addPart(content, part, mode));
            return Optional.of(content);
        }
        return Optional.empty();
    }

    private static int mode(JsonNode source) {
        return Json.number(source, "/defaultMode", 0644);
    }

    private void addPart(Content content, JsonNode part, int mode) {
        for (Source source : SOURCES) {
            JsonNode from = part.path(source.field);
            if (!from.isMissingNode()) {
                add(content, source, from, Json.text(from, "/name"), mode);
            }
        }
        if (part.has("downwardAPI")) {
            addFields(content, part.path("downwardAPI"), mode);
        }
        JsonNode token = part.path("serviceAccountToken");
        if (!token.isMissingNode()) {
            String audience = Json.text(token, "/audience");
            List<String> audiences = audience.isEmpty() ? List.of() : List.of(audience);
            content.put(
                    Json.text(token, "/path"),
                    credentials.token(content.pod, audiences, TOKEN_LIFE),
                    mode);
        }
    }

    private static void addFields(Content content, JsonNode source, int mode) {
        for (JsonNode item : Json.items(source, "/items")) {
            String text =
                    item.has("resourceFieldRef")
                            ? PodFields.resource(content.pod, item.path("resourceFieldRef"))
                            : PodFields.field(content.pod, Json.text(item, "/fieldRef/fieldPath"));
            content.put(Json.text(item, "/path"), text, Json.number(item, "/mode", mode));
        }
    }

    /** Adds the entries of a ConfigMap or a Secret, all of them or those that are listed. */
    private void add(Content content, Source source, JsonNode from, String name, int mode) {
        boolean isOptional = Json.flag(from, "/optional");
        Optional<ConfigEntries> found =
                ConfigEntries.find(store, source.type, Json.namespace(content.pod), name);
        if (found.isEmpty()) {
            if (!isOptional) {
                throw TpException.environment(ConfigEntries.notFound(source.type, name), "");
            }
            return;
        }
        Map<String, byte[]> entries = found.get().entries();
        List<JsonNode> items = Json.items(from, "/items");
        if (items.isEmpty()) {
            entries.forEach((key, value) -> content.put(key, value, mode));
        }
        for (JsonNode item : items) {
            String key = Json.text(item, "/key");
            byte[] value = entries.get(key);
            if (value != null) {
                content.put(Json.text(item, "/path"), value, Json.number(item, "/mode", mode));
            } else if (!isOptional) {
                throw TpException.environment("references non-existent config key: " + key, "");
            }
        }
    }
}
