package tp.sandbox.api;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ResourceType;

/** What {@code kubectl get} shows: the server prints the columns ({@code meta/v1.Table}). */
final class Tables {

    /** Columns; those that end in {@code +} are for {@code -o wide}. */
    private static final Map<String, String> COLUMNS =
            Map.ofEntries(
                    Map.entry(
                            "Pod",
                            "Ready Status Restarts Age IP+ Node+ Nominated_Node+ Readiness_Gates+"),
                    Map.entry("Service", "Type Cluster-IP External-IP Port(s) Age Selector+"),
                    Map.entry(
                            "Deployment",
                            "Ready Up-to-date Available Age Containers+ Images+ Selector+"),
                    Map.entry(
                            "ReplicaSet",
                            "Desired Current Ready Age Containers+ Images+ Selector+"),
                    Map.entry("StatefulSet", "Ready Age Containers+ Images+"),
                    Map.entry(
                            "DaemonSet",
                            "Desired Current Ready Up-to-date Available Node_Selector Age"
                                    + " Containers+ Images+ Selector+"),
                    Map.entry(
                            "Job", "Status Completions Duration Age Containers+ Images+ Selector+"),
                    Map.entry("Namespace", "Status Age"),
                    Map.entry("Node", "Status Roles Age Version Internal-IP+"),
                    Map.entry("ConfigMap", "Data Age"),
                    Map.entry("Secret", "Type Data Age"),
                    Map.entry("ServiceAccount", "Secrets Age"),
                    Map.entry("EndpointSlice", "AddressType Ports Endpoints Age"),
                    Map.entry("Endpoints", "Endpoints Age"),
                    Map.entry("Role", "Created_At"),
                    Map.entry("ClusterRole", "Created_At"),
                    Map.entry("RoleBinding", "Role Age Subjects+"),
                    Map.entry("ClusterRoleBinding", "Role Age Subjects+"),
                    Map.entry("ServiceCIDR", "CIDRs Age"),
                    Map.entry("NetworkPolicy", "Pod-Selector Age"),
                    Map.entry("Lease", "Holder Age"),
                    Map.entry("Event", "Type Reason Object Message Age"));

    private Tables() {}

    static boolean isWanted(Request request) {
        return request.header("Accept").contains("as=Table");
    }

    static ObjectNode of(
            ResourceType type, Request request, List<ObjectNode> objects, String version) {
        ObjectNode table =
                Meta.newObject().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata").put("resourceVersion", version);
        ArrayNode definitions = table.putArray("columnDefinitions");
        List<String> columns = columns(type);
        column(definitions, "Name");
        columns.forEach(name -> column(definitions, name));
        ArrayNode rows = table.putArray("rows");
        String include = request.parameter("includeObject");
        for (ObjectNode object : objects) {
            ObjectNode row = rows.addObject();
            ArrayNode cells = row.putArray("cells").add(Meta.name(object));
            columns.forEach(name -> cells.add(Cells.of(type, plain(name), object)));
            switch (include) {
                case "None" -> {}
                case "Object" -> row.set("object", object);
                default -> row.set("object", metadataOnly(object));
            }
        }
        return table;
    }

    private static List<String> columns(ResourceType type) {
        return List.of(COLUMNS.getOrDefault(type.kind(), "Age").split(" ", -1));
    }

    private static String plain(String column) {
        return column.endsWith("+") ? column.substring(0, column.length() - 1) : column;
    }

    private static void column(ArrayNode definitions, String name) {
        definitions
                .addObject()
                .put("name", plain(name).replace('_', ' '))
                .put("type", "string")
                .put("format", name.equals("Name") ? "name" : "")
                .put("description", "")
                .put("priority", name.endsWith("+") ? 1 : 0);
    }

    static ObjectNode metadataOnly(ObjectNode object) {
        ObjectNode partial =
                Meta.newObject()
                        .put("kind", "PartialObjectMetadata")
                        .put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.path("metadata"));
        return partial;
    }
}
