package tp.sandbox.store;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** Completes and checks what is about to be written. Guarded by the store's lock. */
final class Admission {

    private final Function<ResourceType, Shelf> shelves;
    private final Clock clock;

    Admission(Function<ResourceType, Shelf> shelves, Clock clock) {
        this.shelves = shelves;
        this.clock = clock;
    }

    void create(ResourceType type, ObjectNode object, Write write) {
        object.put("apiVersion", type.apiVersion()).put("kind", type.kind());
        ObjectNode metadata = Meta.of(object);
        metadata.remove(
                List.of(
                        "uid",
                        "resourceVersion",
                        "deletionTimestamp",
                        "deletionGracePeriodSeconds",
                        "selfLink",
                        "generation"));
        metadata.put("uid", UUID.randomUUID().toString());
        if (!type.namespaced()) {
            metadata.remove("namespace");
        } else if (Meta.namespace(object).isEmpty()) {
            metadata.put("namespace", "default");
        }
        name(type, object);
        Defaults.fill(type, object, clock);
        check(type, object, Validation.causes(type, object));
        if (type.equals(Resources.SERVICES)) {
            addresses(write).assign(object);
        }
        if (type.equals(Resources.PODS)) {
            Key place = new Key("", Meta.namespace(object));
            ObjectNode namespace = shelves.apply(Resources.NAMESPACES).find(place);
            if (namespace != null) {
                PodSecurity.check(namespace, object);
            }
        }
    }

    void update(ResourceType type, ObjectNode current, ObjectNode edited, Write write) {
        if (type.equals(Resources.SERVICES)) {
            ServiceAddresses.keep(current, edited);
        }
        Defaults.fill(type, edited, clock);
        List<Status.Cause> causes = new ArrayList<>(Validation.causes(type, edited));
        causes.addAll(Validation.changeCauses(type, current, edited));
        check(type, edited, causes);
        if (type.equals(Resources.SERVICES)) {
            addresses(write).assign(edited);
        }
    }

    private ServiceAddresses addresses(Write write) {
        return new ServiceAddresses(shelves.apply(Resources.SERVICES).list(""), write);
    }

    private static void name(ResourceType type, ObjectNode object) {
        ObjectNode metadata = Meta.of(object);
        String base = metadata.path("generateName").asString("");
        if (Meta.name(object).isEmpty() && !base.isEmpty()) {
            metadata.put("name", Names.generate(base));
        }
        String name = Meta.name(object);
        if (name.isEmpty()) {
            check(
                    type,
                    object,
                    List.of(
                            Status.Cause.required(
                                    "metadata.name", "name or generateName is required")));
        }
        Optional<String> complaint = Names.complaint(type, name);
        if (complaint.isPresent()) {
            check(
                    type,
                    object,
                    List.of(
                            Status.Cause.invalid(
                                    "metadata.name", "\"" + name + "\"", complaint.get())));
        }
    }

    private static void check(ResourceType type, ObjectNode object, List<Status.Cause> causes) {
        if (!causes.isEmpty()) {
            throw ApiException.invalid(type, Meta.name(object), causes);
        }
    }

    /** {@return whether an object's {@code metadata.generation} counts the changes of its spec} */
    static boolean hasGeneration(ResourceType type) {
        return switch (type.group()) {
            case "apps", "batch", "discovery.k8s.io" -> true;
            default -> type.equals(Resources.PODS);
        };
    }

    /** {@return the time as Kubernetes writes it} */
    static String now(Clock clock) {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
