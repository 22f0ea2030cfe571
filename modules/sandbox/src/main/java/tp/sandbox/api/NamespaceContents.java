package tp.sandbox.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;
import tp.sandbox.store.WatchEvent;

/** What a cluster puts into each namespace, and the roles that each cluster has. */
final class NamespaceContents {

    private static final System.Logger LOG = System.getLogger("tp.sandbox");

    private final ObjectStore store;
    private final String ca;

    NamespaceContents(ObjectStore store, String ca) {
        this.store = store;
        this.ca = ca;
    }

    static void createRoles(ObjectStore store) {
        try (InputStream in = NamespaceContents.class.getResourceAsStream("roles.json")) {
            if (in == null) {
                throw new IllegalStateException("the roles are not in this module");
            }
            for (JsonNode item : Json.MAPPER.readTree(in)) {
                ObjectNode object = (ObjectNode) item;
                ResourceType type =
                        Resources.ofKind(
                                        "rbac.authorization.k8s.io/v1",
                                        object.path("kind").asString(""))
                                .orElseThrow();
                store.create(type, object);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that are there get theirs before this returns, later ones soon. */
    AutoCloseable start() {
        store.list(Resources.NAMESPACES, "").forEach(object -> fill(Meta.name(object)));
        return store.watch(
                Resources.NAMESPACES,
                event -> {
                    if (event.kind() == WatchEvent.Kind.ADDED) {
                        fill(Meta.name(event.object()));
                    }
                });
    }

    private void fill(String namespace) {
        create(Resources.SERVICE_ACCOUNTS, namespace, "default", Meta.newObject());
        ObjectNode root = Meta.newObject();
        root.putObject("data").put("ca.crt", ca);
        create(Resources.CONFIG_MAPS, namespace, "kube-root-ca.crt", root);
    }

    private void create(ResourceType type, String namespace, String name, ObjectNode object) {
        if (store.get(type, namespace, name).isPresent()) {
            return;
        }
        Meta.of(object).put("name", name).put("namespace", namespace);
        try {
            store.create(type, object);
        } catch (ApiException e) {
            LOG.log(System.Logger.Level.DEBUG, "the namespace is gone again", e);
        }
    }
}
