package tp.kube;

import java.util.List;

/**
 * What is left of a manager.
 *
 * @param objects that are gone now, such as {@code Deployment tp-manager}
 * @param kept what was left on purpose, each with the reason
 */
public record Removed(List<String> objects, List<String> kept) {

    public Removed {
        objects = List.copyOf(objects);
        kept = List.copyOf(kept);
    }
}
