package tp.sandbox.api;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.DeleteOptions;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;
import tp.sandbox.store.Write;

/** The verbs on objects and collections. */
final class ResourceApi {

    private static final String APPLY = "application/apply-patch+yaml";

    private final ObjectStore store;
    private final Clock clock;
    private final Watches watches;
    private final Escalation escalation;

    ResourceApi(ObjectStore store, Clock clock, Escalation escalation) {
        this.store = store;
        this.escalation = escalation;
        this.clock = clock;
        this.watches = new Watches(store);
    }

    void serve(Exchange exchange, ResourceType type, Target target) throws IOException {
        Request request = exchange.request();
        switch (request.method()) {
            case "GET" -> {
                if (!target.isCollection()) {
                    reply(exchange, type, 200, find(type, target));
                } else if (request.flag("watch")) {
                    watches.serve(exchange, type, target.namespace());
                } else {
                    list(exchange, type, target);
                }
            }
            case "POST" -> create(exchange, type, target);
            case "PUT" -> update(exchange, type, target);
            case "PATCH" -> patch(exchange, type, target);
            case "DELETE" -> {
                if (target.isCollection()) {
                    deleteCollection(exchange, type, target);
                } else {
                    delete(exchange, type, target);
                }
            }
            default -> throw methodNotAllowed();
        }
    }

    static ApiException methodNotAllowed() {
        return ApiException.plain(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource");
    }

    private static void reply(Exchange exchange, ResourceType type, int code, ObjectNode object)
            throws IOException {
        Request request = exchange.request();
        if (Tables.isWanted(request)) {
            String version = Meta.resourceVersion(object);
            exchange.reply(code, Tables.of(type, request, List.of(object), version));
        } else if (request.header(HttpHeaderNames.ACCEPT).contains("as=PartialObjectMetadata")) {
            exchange.reply(code, Tables.metadataOnly(object));
        } else {
            exchange.reply(code, object);
        }
    }

    private ObjectNode find(ResourceType type, Target target) {
        return store.get(type, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(type, target.name()));
    }

    private void list(Exchange exchange, ResourceType type, Target target) throws IOException {
        Request request = exchange.request();
        Predicate<JsonNode> selector = Selectors.of(type, request);
        ObjectStore.Snapshot snapshot = store.snapshot(type, target.namespace());
        List<ObjectNode> objects = snapshot.objects().stream().filter(selector).toList();
        String version = Long.toString(snapshot.version());
        if (Tables.isWanted(request)) {
            exchange.reply(200, Tables.of(type, request, objects, version));
            return;
        }
        boolean isPartial =
                request.header(HttpHeaderNames.ACCEPT).contains("as=PartialObjectMetadataList");
        ObjectNode list = Meta.newObject();
        list.put("kind", isPartial ? "PartialObjectMetadataList" : type.kind() + "List");
        list.put("apiVersion", isPartial ? "meta.k8s.io/v1" : type.apiVersion());
        list.putObject("metadata").put("resourceVersion", version);
        ArrayNode items = list.putArray("items");
        objects.forEach(object -> items.add(isPartial ? Tables.metadataOnly(object) : object));
        exchange.reply(200, list);
    }

    private void create(Exchange exchange, ResourceType type, Target target) throws IOException {
        if (!target.isCollection()) {
            throw methodNotAllowed();
        }
        Request request = exchange.request();
        ObjectNode object = request.object();
        checkFits(type, target, object);
        Strictness.read(exchange, type, object);
        if (!Meta.resourceVersion(object).isEmpty()) {
            throw ApiException.plain(
                    500,
                    "InternalError",
                    "resourceVersion should not be set on objects to be created");
        }
        prepare(type, target, object);
        escalation.check(exchange.user(), type, Meta.newObject(), object);
        Ownership.updated(type, clock, manager(request, target), Meta.newObject(), object);
        reply(exchange, type, 201, store.create(type, object, request.write()));
    }

    private static void prepare(ResourceType type, Target target, ObjectNode object) {
        if (type.hasStatus()) {
            object.remove("status");
        }
        if (type.namespaced()) {
            Meta.of(object).put("namespace", target.namespace());
        }
    }

    /** Who is noted as the writer: what the client calls itself if it gives no name. */
    private static Ownership.Manager manager(Request request, Target target) {
        String agent = request.header(HttpHeaderNames.USER_AGENT);
        int end = agent.indexOf('/');
        String named = request.parameter("fieldManager");
        String name = !named.isEmpty() ? named : end < 0 ? agent : agent.substring(0, end);
        boolean isApply = request.contentType().equals(APPLY);
        return new Ownership.Manager(
                name.isEmpty() ? "unknown" : name,
                isApply ? "Apply" : "Update",
                target.subresource());
    }

    /** The object must be what the URL says it is. */
    private static void checkFits(ResourceType type, Target target, ObjectNode object) {
        String version = object.path("apiVersion").asString("");
        String kind = object.path("kind").asString("");
        if (!version.isEmpty() && !version.equals(type.apiVersion())) {
            throw ApiException.badRequest(
                    "the API version in the data (%s) does not match the expected API version (%s)"
                            .formatted(version, type.apiVersion()));
        }
        if (!kind.isEmpty() && !kind.equals(type.kind())) {
            throw ApiException.badRequest(
                    "%s in version \"%s\" cannot be handled as a %s: no kind \"%s\" is registered for this resource"
                            .formatted(kind, type.version(), type.kind(), kind));
        }
        String namespace = Meta.namespace(object);
        if (type.namespaced() && target.namespace().isEmpty()) {
            throw methodNotAllowed();
        }
        if (type.namespaced() && !namespace.isEmpty() && !namespace.equals(target.namespace())) {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the"
                            + " request");
        }
        String name = Meta.name(object);
        if (!target.isCollection() && !name.isEmpty() && !name.equals(target.name())) {
            throw ApiException.badRequest(
                    "the name of the object (%s) does not match the name on the URL (%s)"
                            .formatted(name, target.name()));
        }
    }

    private void update(Exchange exchange, ResourceType type, Target target) throws IOException {
        ObjectNode object = exchange.request().object();
        checkFits(type, target, object);
        Strictness.read(exchange, type, object);
        reply(exchange, type, 200, modify(exchange, type, target, current -> object.deepCopy()));
    }

    private ObjectNode modify(
            Exchange exchange, ResourceType type, Target target, UnaryOperator<ObjectNode> change) {
        if (target.isCollection()) {
            throw methodNotAllowed();
        }
        Request request = exchange.request();
        boolean isApply = request.contentType().equals(APPLY);
        Ownership.Manager manager = manager(request, target);
        UnaryOperator<ObjectNode> checked =
                current -> {
                    ObjectNode edited = change.apply(current.deepCopy());
                    escalation.check(exchange.user(), type, current, edited);
                    return edited;
                };
        UnaryOperator<ObjectNode> noted =
                isApply
                        ? checked
                        : current ->
                                Ownership.updated(
                                        type, clock, manager, current, checked.apply(current));
        return store.modify(
                type,
                target.namespace(),
                target.name(),
                new ObjectStore.Edit(part(target), request.write(), noted));
    }

    private static ObjectStore.Part part(Target target) {
        return target.subresource().equals("status")
                ? ObjectStore.Part.STATUS
                : ObjectStore.Part.MAIN;
    }

    private void patch(Exchange exchange, ResourceType type, Target target) throws IOException {
        Request request = exchange.request();
        if (request.contentType().equals(APPLY)) {
            apply(exchange, type, target);
        } else {
            UnaryOperator<ObjectNode> change =
                    Strictness.patched(exchange, type, Patches.of(request));
            reply(exchange, type, 200, modify(exchange, type, target, change));
        }
    }

    private void apply(Exchange exchange, ResourceType type, Target target) throws IOException {
        Request request = exchange.request();
        ObjectNode applied = Patches.applied(request);
        checkFits(type, target, applied);
        Strictness.applied(type, target, applied);
        Ownership.Manager manager = manager(request, target);
        boolean isNew = store.get(type, target.namespace(), target.name()).isEmpty();
        if (isNew && target.subresource().isEmpty()) {
            ObjectNode made = applied.deepCopy();
            Meta.of(made).put("name", target.name());
            prepare(type, target, made);
            escalation.check(exchange.user(), type, Meta.newObject(), made);
            Ownership.applied(type, clock, manager, true, made, applied);
            reply(exchange, type, 201, store.create(type, made, request.write()));
            return;
        }
        boolean force = request.flag("force");
        UnaryOperator<ObjectNode> change =
                current -> Ownership.applied(type, clock, manager, force, current, applied);
        reply(exchange, type, 200, modify(exchange, type, target, change));
    }

    /** What a scheduler says: the pod's node. */
    void bind(Exchange exchange, Target target) throws IOException {
        requirePost(exchange);
        String node = exchange.request().object().at("/target/name").asString("");
        UnaryOperator<ObjectNode> change =
                current -> {
                    String present = current.at("/spec/nodeName").asString("");
                    if (!present.isEmpty()) {
                        throw ApiException.conflict(
                                Resources.PODS,
                                target.name(),
                                "pod %s is already assigned to node \"%s\""
                                        .formatted(target.name(), present));
                    }
                    current.withObjectProperty("spec").put("nodeName", node);
                    return current;
                };
        store.modify(
                Resources.PODS,
                target.namespace(),
                target.name(),
                new ObjectStore.Edit(ObjectStore.Part.MAIN, exchange.request().write(), change));
        exchange.reply(201, success());
    }

    /** No budget forbids it here, so it is a deletion. */
    void evict(Exchange exchange, Target target) throws IOException {
        requirePost(exchange);
        ObjectNode eviction = exchange.request().object();
        store.delete(
                Resources.PODS,
                target.namespace(),
                target.name(),
                options(exchange.request(), eviction.withObjectProperty("deleteOptions")));
        exchange.reply(201, success());
    }

    private static void requirePost(Exchange exchange) {
        if (!exchange.request().method().equals("POST")) {
            throw methodNotAllowed();
        }
    }

    private static ObjectNode success() {
        ObjectNode status = Meta.newObject().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return status.put("status", "Success");
    }

    /** The part of a workload that autoscalers and {@code kubectl scale} see. */
    void scale(Exchange exchange, ResourceType type, Target target) throws IOException {
        switch (exchange.request().method()) {
            case "GET" -> exchange.reply(200, Scale.of(find(type, target)));
            case "PUT" -> {
                ObjectNode scale = exchange.request().object();
                UnaryOperator<ObjectNode> change = current -> Scale.write(current, scale);
                exchange.reply(200, Scale.of(modify(exchange, type, target, change)));
            }
            case "PATCH" -> {
                UnaryOperator<ObjectNode> patch = Patches.of(exchange.request());
                UnaryOperator<ObjectNode> change =
                        current -> Scale.write(current, patch.apply(Scale.of(current)));
                exchange.reply(200, Scale.of(modify(exchange, type, target, change)));
            }
            default -> throw methodNotAllowed();
        }
    }

    private void delete(Exchange exchange, ResourceType type, Target target) throws IOException {
        ObjectStore.Deleted deleted =
                store.delete(type, target.namespace(), target.name(), options(exchange.request()));
        ObjectNode object = deleted.object();
        if (!deleted.gone() || type.equals(Resources.PODS)) {
            exchange.reply(200, object);
            return;
        }
        ObjectNode status = success();
        status.putObject("details")
                .put("name", target.name())
                .put("group", type.group())
                .put("kind", type.plural())
                .put("uid", Meta.uid(object));
        exchange.reply(200, status);
    }

    private void deleteCollection(Exchange exchange, ResourceType type, Target target)
            throws IOException {
        Predicate<JsonNode> selector = Selectors.of(type, exchange.request());
        DeleteOptions options = options(exchange.request());
        ObjectNode list = Meta.newObject().put("kind", type.kind() + "List");
        list.put("apiVersion", type.apiVersion()).putObject("metadata");
        ArrayNode items = list.putArray("items");
        for (ObjectNode object : store.list(type, target.namespace())) {
            if (selector.test(object)) {
                items.add(
                        store.delete(type, Meta.namespace(object), Meta.name(object), options)
                                .object());
            }
        }
        exchange.reply(200, list);
    }

    private static DeleteOptions options(Request request) {
        return options(request, request.hasBody() ? request.object() : Meta.newObject());
    }

    private static DeleteOptions options(Request request, ObjectNode body) {
        JsonNode grace = body.path("gracePeriodSeconds");
        @Nullable Long seconds = grace.isNumber() ? (Long) grace.asLong() : null;
        if (!request.parameter("gracePeriodSeconds").isEmpty()) {
            seconds = Long.valueOf(request.parameter("gracePeriodSeconds"));
        }
        String policy =
                body.path("propagationPolicy").asString(request.parameter("propagationPolicy"));
        boolean isOrphan =
                policy.equals("Orphan") || body.path("orphanDependents").asBoolean(false);
        boolean isDryRun = !body.path("dryRun").isEmpty() || request.write() == Write.DRY_RUN;
        return new DeleteOptions(
                seconds,
                isOrphan
                        ? DeleteOptions.Propagation.ORPHAN
                        : policy.equals("Foreground")
                                ? DeleteOptions.Propagation.FOREGROUND
                                : DeleteOptions.Propagation.BACKGROUND,
                body.at("/preconditions/uid").asString(""),
                body.at("/preconditions/resourceVersion").asString(""),
                isDryRun ? Write.DRY_RUN : Write.STORED);
    }
}
