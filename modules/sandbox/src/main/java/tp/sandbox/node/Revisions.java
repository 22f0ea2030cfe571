package tp.sandbox.node;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** Remembers the pod templates that a StatefulSet or DaemonSet has had, for roll-backs. */
final class Revisions {

    /** The label of a pod that says of which template it is. */
    static final String HASH = "controller-revision-hash";

    private final ObjectStore store;

    Revisions(ObjectStore store) {
        this.store = store;
    }

    /** {@return the name of the present template's revision, which is the newest from now on} */
    ObjectNode current(ObjectNode owner) {
        List<ObjectNode> all =
                store.list(Resources.CONTROLLER_REVISIONS, Json.namespace(owner)).stream()
                        .filter(revision -> Json.isOwnedBy(revision, owner))
                        .sorted(Comparator.comparingInt(Revisions::number))
                        .toList();
        String hash = Templates.hash(owner.at("/spec/template"));
        int newest = all.isEmpty() ? 0 : number(all.getLast());
        Optional<ObjectNode> found =
                all.stream()
                        .filter(revision -> Pods.label(revision, HASH).equals(hash))
                        .findFirst();
        if (found.isEmpty()) {
            forget(owner, all);
            return create(owner, hash, newest + 1);
        }
        ObjectNode revision = found.get();
        if (number(revision) < newest) {
            revision.put("revision", newest + 1);
            return store.update(Resources.CONTROLLER_REVISIONS, revision);
        }
        return revision;
    }

    private void forget(ObjectNode owner, List<ObjectNode> all) {
        int extra = all.size() - Json.number(owner, "/spec/revisionHistoryLimit", 10);
        for (ObjectNode revision : all.subList(0, Math.max(0, extra))) {
            store.delete(
                    Resources.CONTROLLER_REVISIONS, Json.namespace(owner), Json.name(revision));
        }
    }

    private ObjectNode create(ObjectNode owner, String hash, int number) {
        ObjectNode revision =
                Json.object().put("apiVersion", "apps/v1").put("kind", "ControllerRevision");
        ObjectNode metadata =
                revision.putObject("metadata")
                        .put("name", Json.name(owner) + "-" + hash)
                        .put("namespace", Json.namespace(owner));
        ObjectNode labels = metadata.putObject("labels");
        Json.map(owner, "/spec/template/metadata/labels").forEach(labels::put);
        labels.put(HASH, hash);
        Json.own(metadata, owner);
        // What "kubectl rollout undo" sends as a strategic merge patch.
        ObjectNode template = (ObjectNode) owner.at("/spec/template").deepCopy();
        revision.putObject("data")
                .putObject("spec")
                .set("template", template.put("$patch", "replace"));
        return store.create(Resources.CONTROLLER_REVISIONS, revision.put("revision", number));
    }

    private static int number(JsonNode revision) {
        return Json.number(revision, "/revision", 0);
    }
}
