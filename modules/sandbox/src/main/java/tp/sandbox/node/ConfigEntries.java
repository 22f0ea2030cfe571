package tp.sandbox.node;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** What is in a ConfigMap or a Secret, for variables and volumes alike. */
record ConfigEntries(ResourceType type, String name, Map<String, byte[]> entries) {

    static Optional<ConfigEntries> find(
            ObjectStore store, ResourceType type, String namespace, String name) {
        return store.get(type, namespace, name)
                .map(
                        object -> {
                            Map<String, byte[]> entries = new TreeMap<>();
                            boolean isText = type.equals(Resources.CONFIG_MAPS);
                            Json.map(object, "/data")
                                    .forEach(
                                            (key, value) ->
                                                    entries.put(
                                                            key,
                                                            isText ? utf8(value) : base64(value)));
                            Json.map(object, "/binaryData")
                                    .forEach((key, value) -> entries.put(key, base64(value)));
                            return new ConfigEntries(type, name, entries);
                        });
    }

    /** {@return an entry as a variable may have it} */
    Optional<String> text(String key) {
        return Optional.ofNullable(entries.get(key))
                .map(value -> new String(value, StandardCharsets.UTF_8));
    }

    static String notFound(ResourceType type, String name) {
        return type.kind().toLowerCase(Locale.ROOT) + " \"" + name + "\" not found";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] base64(String text) {
        return Base64.getMimeDecoder().decode(text);
    }
}
