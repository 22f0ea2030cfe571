package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The samples for a cluster that is no sandbox and has no image of ours: on a stock image of Java,
 * with their classes in a ConfigMap of each namespace.
 */
public final class SampleManifests {

    private static final String CODE = "tp-samples";
    private static final String PLACE = "/tp-samples";
    private static final String IDLE = "tp.sandbox/idle";

    /** What a cluster has anyway. */
    private static final Set<String> OWN_KINDS = Set.of("Node");

    private static final Set<String> OWN_NAMESPACES = Set.of("kube-system");

    private static final Map<String, SampleProgram> PROGRAMS =
            SampleProgram.ALL.stream()
                    .collect(Collectors.toMap(SampleProgram::image, program -> program));

    private final JsonMapper json = new JsonMapper();
    private final String image;

    private SampleManifests(String image) {
        this.image = image;
    }

    /**
     * {@return Kubernetes objects for {@code kubectl apply}: YAML documents, of which each is JSON}
     *
     * @param image of Java 25 or newer, with {@code java} and {@code sleep} in its PATH
     */
    public static String yaml(String image) {
        return new SampleManifests(image)
                .objects().stream()
                        .map(object -> "---\n" + object.toPrettyString() + "\n")
                        .collect(Collectors.joining());
    }

    private List<ObjectNode> objects() {
        List<ObjectNode> objects = new ArrayList<>();
        Set<String> coded = new TreeSet<>();
        for (ObjectNode object : Samples.load().objects()) {
            String namespace = Json.text(object, "/metadata/namespace");
            if (OWN_KINDS.contains(Json.text(object, "/kind"))
                    || OWN_NAMESPACES.contains(namespace)) {
                continue;
            }
            JsonNode pod = object.at("/spec/template/spec");
            JsonNode spec = pod.isMissingNode() ? object.path("spec") : pod;
            spec.path("containers").forEach(container -> change((ObjectNode) container));
            if (usesCode(spec)) {
                mount((ObjectNode) spec);
                if (coded.add(namespace)) {
                    objects.add(code(namespace));
                }
            }
            objects.add(object);
        }
        return objects;
    }

    private void change(ObjectNode container) {
        String name = Json.text(container, "/image");
        List<String> command = new ArrayList<>();
        if (name.equals(IDLE)) {
            command.addAll(List.of("sleep", "infinity"));
        } else {
            SampleProgram program = PROGRAMS.get(name);
            if (program == null) {
                throw new IllegalStateException("no program for " + name);
            }
            command.add("java");
            command.addAll(program.options());
            command.addAll(List.of("-cp", PLACE, SampleProgram.PACKAGE + "." + program.main()));
            command.addAll(program.arguments());
            container
                    .putArray("volumeMounts")
                    .addObject()
                    .put("name", CODE)
                    .put("mountPath", PLACE);
        }
        container.put("image", image);
        command.forEach(container.putArray("command")::add);
    }

    private static boolean usesCode(JsonNode spec) {
        return spec.path("containers").valueStream().anyMatch(one -> one.has("volumeMounts"));
    }

    private void mount(ObjectNode spec) {
        ObjectNode map =
                spec.putArray("volumes").addObject().put("name", CODE).putObject("configMap");
        map.put("name", CODE);
        ArrayNode paths = map.putArray("items");
        files().keySet().forEach(path -> paths.addObject().put("key", key(path)).put("path", path));
    }

    private ObjectNode code(String namespace) {
        ObjectNode map = json.createObjectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
        map.putObject("metadata").put("name", CODE).put("namespace", namespace);
        ObjectNode data = map.putObject("binaryData");
        files().forEach((path, bytes) -> data.put(key(path), bytes));
        return map;
    }

    /** A ConfigMap's keys are of {@code [-._a-zA-Z0-9]+}, with neither slashes nor dollars. */
    private static String key(String path) {
        return path.substring(path.lastIndexOf('/') + 1).replace('$', '.');
    }

    /** {@return the bytes of classes and resources, by their paths in the module} */
    private static Map<String, byte[]> files() {
        String folder = SampleProgram.PACKAGE.replace('.', '/') + "/";
        Map<String, byte[]> files = new TreeMap<>();
        try (ModuleReader reader = module()) {
            for (String path : reader.list().filter(one -> one.startsWith(folder)).toList()) {
                if (!path.endsWith("/")) {
                    try (InputStream in = reader.open(path).orElseThrow()) {
                        files.put(path, in.readAllBytes());
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static ModuleReader module() throws IOException {
        String name = SampleManifests.class.getModule().getName();
        return ModuleLayer.boot().configuration().findModule(name).orElseThrow().reference().open();
    }
}
