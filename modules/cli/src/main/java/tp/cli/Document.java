package tp.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a command tells programs: keys in order, whose values are texts, numbers, truth values,
 * nothing, documents, and lists of texts or documents. The keys are a promise: docs/status.md.
 */
final class Document {

    private final Map<String, @Nullable Object> entries = new LinkedHashMap<>();

    Document put(String key, @Nullable Object value) {
        entries.put(key, value);
        return this;
    }

    Map<String, @Nullable Object> entries() {
        return Collections.unmodifiableMap(entries);
    }
}
