package tp.sandbox.node;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a pod can be told about itself: {@code fieldRef} and {@code resourceFieldRef}. */
final class PodFields {

    private static final Pattern KEYED_FIELD =
            Pattern.compile("metadata\\.(labels|annotations)\\['(.+)'\\]");
    private static final Pattern QUANTITY = Pattern.compile("([0-9.]+)(m|k|M|G|T|Ki|Mi|Gi|Ti)?");
    private static final Map<String, String> FACTORS =
            Map.of(
                    "m", "0.001",
                    "k", "1000",
                    "M", "1000000",
                    "G", "1000000000",
                    "T", "1000000000000",
                    "Ki", "1024",
                    "Mi", "1048576",
                    "Gi", "1073741824",
                    "Ti", "1099511627776");

    private PodFields() {}

    /** {@return a field of the pod, by the path that fieldRef uses} */
    static String field(ObjectNode pod, String path) {
        Matcher keyed = KEYED_FIELD.matcher(path);
        if (keyed.matches()) {
            return pod.path("metadata").path(keyed.group(1)).path(keyed.group(2)).asString("");
        }
        return switch (path) {
            case "status.podIPs", "status.hostIPs" ->
                    Json.items(pod, "/" + path.replace('.', '/')).stream()
                            .map(entry -> Json.text(entry, "/ip"))
                            .collect(Collectors.joining(","));
            // Only volumes can have these: a line for each, the value quoted.
            case "metadata.labels", "metadata.annotations" ->
                    Json.map(pod, "/" + path.replace('.', '/')).entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(entry -> entry.getKey() + "=\"" + escaped(entry.getValue()) + "\"")
                            .collect(Collectors.joining("\n"));
            default -> Json.text(pod, "/" + path.replace('.', '/'));
        };
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    static String resource(ObjectNode pod, JsonNode reference) {
        String name = Json.text(reference, "/containerName");
        return Json.items(pod, "/spec/containers").stream()
                .filter(container -> Json.text(container, "/name").equals(name))
                .findFirst()
                .map(container -> resourceOf(container, reference))
                .orElse("0");
    }

    /** {@return a container's limit or request, in units of the divisor, rounded up} */
    static String resourceOf(JsonNode container, JsonNode reference) {
        String[] path = Json.text(reference, "/resource").split("\\.", 2);
        JsonNode found = container.path("resources").path(path[0]).path(path[path.length - 1]);
        String divisor = Json.text(reference, "/divisor");
        BigDecimal unit =
                divisor.isEmpty() || divisor.equals("0") ? BigDecimal.ONE : value(divisor);
        return value(found.asString("0")).divide(unit, 0, RoundingMode.CEILING).toPlainString();
    }

    private static BigDecimal value(String quantity) {
        Matcher parts = QUANTITY.matcher(quantity);
        if (!parts.matches()) {
            return BigDecimal.ONE;
        }
        BigDecimal number = new BigDecimal(parts.group(1));
        String suffix = parts.group(2);
        return suffix == null
                ? number
                : number.multiply(new BigDecimal(FACTORS.getOrDefault(suffix, "1")));
    }
}
