package tp.sandbox.store;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An entry of a type's history. Its objects are shared: nobody may change them.
 *
 * @param previous what was there before, null if nothing was
 */
public record Change(
        long version, WatchEvent.Kind kind, ObjectNode object, @Nullable ObjectNode previous) {}
