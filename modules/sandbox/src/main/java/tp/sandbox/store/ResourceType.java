package tp.sandbox.store;

import java.util.List;
import java.util.Locale;

/**
 * A kind of object that the cluster knows.
 *
 * @param group empty for the core group
 * @param plural the name in URLs
 * @param subresources what hangs below an object of this type, {@code status} for instance
 */
public record ResourceType(
        String group,
        String version,
        String plural,
        String kind,
        boolean namespaced,
        List<String> shortNames,
        List<String> subresources) {

    /** {@return as it stands in an object: {@code v1}, {@code apps/v1}} */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** {@return as it stands in messages: {@code pods}, {@code deployments.apps}} */
    public String qualifiedName() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    public String singular() {
        return kind.toLowerCase(Locale.ROOT);
    }

    public boolean hasStatus() {
        return subresources.contains("status");
    }
}
