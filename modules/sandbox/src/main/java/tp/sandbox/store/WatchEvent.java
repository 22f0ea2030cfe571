package tp.sandbox.store;

import tools.jackson.databind.node.ObjectNode;

/**
 * What happened to an object.
 *
 * @param object as it is now, as it was last if it is gone; the receiver's own copy
 */
public record WatchEvent(Kind kind, ObjectNode object) {

    /** The words of the watch protocol. */
    public enum Kind {
        ADDED,
        MODIFIED,
        DELETED
    }
}
