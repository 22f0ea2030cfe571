package tp.kube;

import java.util.Optional;

/**
 * How the manager is to be installed.
 *
 * @param delivery how its code comes into the cluster
 * @param isNamed whether somebody has named the image of that; else another one that is there is
 *     not replaced unseen
 * @param force whether to overwrite what somebody else set, another image, and a newer version
 * @param version of this tp, empty where it does not matter
 * @param level empty: the widest that the user's rights allow
 */
public record InstallSettings(
        Delivery delivery, boolean isNamed, boolean force, String version, Optional<Level> level) {

    /** The widest that the user's rights allow. */
    public InstallSettings(Delivery delivery, boolean isNamed, boolean force, String version) {
        this(delivery, isNamed, force, version, Optional.empty());
    }

    /** For whoever only misses a manager. */
    static InstallSettings usual(Delivery delivery) {
        return new InstallSettings(delivery, false, false, "", Optional.of(Level.WHOLE_CLUSTER));
    }
}
