package tp.daemon;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import tp.control.Task;
import tp.kube.Delivery;

/**
 * The manager's code, as this tp brings it into clusters.
 *
 * @param jars a folder; whether they are there is seen where they are needed
 * @param image what is used instead where nobody asked for anything else
 */
record ManagerCode(Path jars, Optional<String> image) {

    /** For clusters that have an image of the manager: the sandbox is one. */
    private static final String IMAGE = "TP_MANAGER_IMAGE";

    /** The jars beside the runtime that this process runs on. */
    static ManagerCode of(Map<String, String> environment) {
        String runtime = System.getProperty("tp.home", System.getProperty("java.home", ""));
        return new ManagerCode(
                Path.of(runtime, "manager"),
                Optional.ofNullable(environment.get(IMAGE)).filter(name -> !name.isEmpty()));
    }

    Delivery delivery(Task.Images images) {
        return images.manager()
                .or(() -> images.areNamed() ? Optional.empty() : image)
                .<Delivery>map(Delivery.Image::new)
                .orElseGet(() -> new Delivery.ConfigMaps(images.runtime(), jars));
    }

    /** {@return what comes where nobody asked for anything else} */
    Delivery usual() {
        return delivery(new Task.Images(Optional.empty(), Optional.empty()));
    }
}
