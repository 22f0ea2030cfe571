package tp.sandbox.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** Where a proxied request goes: {@code [https:]NAME[:PORT]} of a service or a pod. */
record ProxyTarget(ObjectNode pod, int port, boolean isTls) {

    /** The parts of a proxied name. */
    private record Name(boolean isTls, String name, String port) {

        static Name parse(ResourceType type, String text) {
            String[] parts = text.split(":", -1);
            boolean hasScheme =
                    parts.length == 3 && List.of("http", "https", "").contains(parts[0]);
            if (parts.length > 2 && !hasScheme) {
                throw ApiException.badRequest(
                        "invalid %s request \"%s\"".formatted(type.singular(), text));
            }
            return switch (parts.length) {
                case 1 -> new Name(false, parts[0], "");
                case 2 -> new Name(false, parts[0], parts[1]);
                default -> new Name(parts[0].equals("https"), parts[1], parts[2]);
            };
        }
    }

    static ProxyTarget find(ObjectStore store, ResourceType type, Target target) {
        Name name = Name.parse(type, target.name());
        ObjectNode object =
                store.get(type, target.namespace(), name.name())
                        .orElseThrow(() -> ApiException.notFound(type, name.name()));
        return type.equals(Resources.PODS) ? ofPod(object, name) : ofService(store, object, name);
    }

    private static ProxyTarget ofPod(ObjectNode pod, Name name) {
        int port =
                name.port().isEmpty()
                        ? pod.at("/spec/containers")
                                .valueStream()
                                .flatMap(one -> one.path("ports").valueStream())
                                .mapToInt(one -> one.path("containerPort").asInt(0))
                                .findFirst()
                                .orElse(name.isTls() ? 443 : 80)
                        : number(name.port())
                                .orElseThrow(
                                        () ->
                                                ApiException.badRequest(
                                                        "invalid pod request \"%s\""
                                                                .formatted(name.port())));
        return new ProxyTarget(pod, port, name.isTls());
    }

    private static Optional<Integer> number(String text) {
        return text.matches("[0-9]{1,5}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    private static ProxyTarget ofService(ObjectStore store, ObjectNode service, Name name) {
        String portName = portName(service, name.port());
        List<ProxyTarget> ready = new ArrayList<>();
        for (ObjectNode slice : store.list(Resources.ENDPOINT_SLICES, Meta.namespace(service))) {
            String owner = Meta.labels(slice).getOrDefault("kubernetes.io/service-name", "");
            if (owner.equals(Meta.name(service))) {
                collect(store, slice, portName, name.isTls(), ready);
            }
        }
        if (ready.isEmpty()) {
            throw ApiException.plain(
                    503,
                    "ServiceUnavailable",
                    "no endpoints available for service \"%s\"".formatted(Meta.name(service)));
        }
        return ready.get(ThreadLocalRandom.current().nextInt(ready.size()));
    }

    /** A port may be asked for by its name or its number; the only one need not be named. */
    private static String portName(ObjectNode service, String asked) {
        JsonNode ports = service.at("/spec/ports");
        for (JsonNode port : ports) {
            String name = port.path("name").asString("");
            boolean isAsked = name.equals(asked) || port.path("port").asString("").equals(asked);
            if (isAsked || (asked.isEmpty() && ports.size() == 1)) {
                return name;
            }
        }
        throw ApiException.plain(
                503,
                "ServiceUnavailable",
                "no service port \"%s\" found for service \"%s\""
                        .formatted(asked, Meta.name(service)));
    }

    private static void collect(
            ObjectStore store,
            ObjectNode slice,
            String portName,
            boolean isTls,
            List<ProxyTarget> ready) {
        int port =
                slice.path("ports")
                        .valueStream()
                        .filter(one -> one.path("name").asString("").equals(portName))
                        .mapToInt(one -> one.path("port").asInt(0))
                        .findFirst()
                        .orElse(0);
        for (JsonNode endpoint : slice.path("endpoints")) {
            boolean isReady = endpoint.at("/conditions/ready").asBoolean(true);
            String pod = endpoint.at("/targetRef/name").asString("");
            if (isReady && port != 0) {
                store.get(Resources.PODS, Meta.namespace(slice), pod)
                        .ifPresent(found -> ready.add(new ProxyTarget(found, port, isTls)));
            }
        }
    }
}
