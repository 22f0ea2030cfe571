package tp.sandbox.store;

import org.jspecify.annotations.Nullable;

/**
 * How an object is to be deleted.
 *
 * @param gracePeriodSeconds null for what the object says; 0 removes a pod at once
 * @param uid the object must have it, unless empty
 * @param resourceVersion the object must have it, unless empty
 */
public record DeleteOptions(
        @Nullable Long gracePeriodSeconds,
        Propagation propagation,
        String uid,
        String resourceVersion,
        Write write) {

    /** What becomes of the objects that the deleted one owns. */
    public enum Propagation {
        BACKGROUND,
        FOREGROUND,
        ORPHAN
    }

    public static DeleteOptions usual() {
        return new DeleteOptions(null, Propagation.BACKGROUND, "", "", Write.STORED);
    }

    /** {@return what the kubelet says when a pod's programs have ended} */
    public static DeleteOptions atOnce() {
        return new DeleteOptions(0L, Propagation.BACKGROUND, "", "", Write.STORED);
    }
}
