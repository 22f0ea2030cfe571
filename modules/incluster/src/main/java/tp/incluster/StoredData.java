package tp.incluster;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * A ConfigMap or a Secret of the manager's own. It may hold a secret, and is never printed.
 *
 * @param data each value in clear, whatever its encoding in the API
 */
public record StoredData(String uid, String resourceVersion, Map<String, byte[]> data) {

    /** Which of the two. */
    public enum Kind {
        CONFIG_MAP("configmaps", "ConfigMap"),
        SECRET("secrets", "Secret");

        private final String plural;
        private final String kind;

        Kind(String plural, String kind) {
            this.plural = plural;
            this.kind = kind;
        }

        String plural() {
            return plural;
        }

        String kind() {
            return kind;
        }
    }

    public StoredData {
        data = Map.copyOf(data);
    }

    /** {@return the value as text, if there is one} */
    public Optional<String> text(String key) {
        return Optional.ofNullable(data.get(key))
                .map(value -> new String(value, StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "StoredData" + data.keySet();
    }
}
