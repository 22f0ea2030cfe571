package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** The schema is that of the Kubernetes client's model; and what becomes of what does not fit. */
class SchemaTest {

    private static final String MODEL = "io.fabric8.kubernetes.api.model.";

    private static final List<String> ROOTS =
            List.of(
                    "Namespace Pod Service ConfigMap Secret ServiceAccount Endpoints Node Event",
                    "Binding DeleteOptions apps.Deployment apps.ReplicaSet apps.StatefulSet",
                    "apps.DaemonSet apps.ControllerRevision batch.v1.Job",
                    "discovery.v1.EndpointSlice coordination.v1.Lease networking.v1.ServiceCIDR",
                    "rbac.Role rbac.RoleBinding rbac.ClusterRole rbac.ClusterRoleBinding",
                    "authentication.TokenReview authentication.SelfSubjectReview",
                    "authentication.TokenRequest authorization.v1.SubjectAccessReview",
                    "authorization.v1.LocalSubjectAccessReview",
                    "authorization.v1.SelfSubjectAccessReview",
                    "authorization.v1.SelfSubjectRulesReview policy.v1.Eviction",
                    "autoscaling.v1.Scale");

    private final Map<Class<?>, String> names = new LinkedHashMap<>();
    private final Deque<Class<?>> todo = new ArrayDeque<>();

    @Test
    void isThatOfTheModel() throws Exception {
        for (String root : String.join(" ", ROOTS).split(" ", -1)) {
            name(Class.forName(MODEL + root));
        }
        List<String> lines = new ArrayList<>();
        while (!todo.isEmpty()) {
            lines.add(line(todo.remove()));
        }
        assertThat(String.join("\n", lines)).isEqualTo(String.join("\n", written()));
    }

    private static List<String> written() throws IOException {
        try (InputStream in = Schema.class.getResourceAsStream("schema.txt")) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    private String line(Class<?> type) {
        String name = name(type);
        List<String> fields = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            JsonProperty property = field.getAnnotation(JsonProperty.class);
            if (property != null && !Modifier.isStatic(field.getModifiers())) {
                String json = property.value();
                boolean isBytes =
                        json.equals("binaryData") || (name.equals("Secret") && json.equals("data"));
                fields.add(json + " " + (isBytes ? "bytes{}" : text(field.getGenericType())));
            }
        }
        return (name + " " + String.join(", ", fields)).strip();
    }

    /** Two of them have the same simple name. */
    private String name(Class<?> type) {
        return names.computeIfAbsent(
                type,
                added -> {
                    todo.add(added);
                    String simple = added.getSimpleName();
                    return names.containsValue(simple) ? "Core" + simple : simple;
                });
    }

    private String text(Type type) {
        if (type instanceof ParameterizedType list) {
            Class<?> raw = (Class<?>) list.getRawType();
            return List.class.isAssignableFrom(raw)
                    ? text(list.getActualTypeArguments()[0]) + "*"
                    : Map.class.isAssignableFrom(raw)
                            ? text(list.getActualTypeArguments()[1]) + "{}"
                            : "any";
        }
        Class<?> plain = (Class<?>) type;
        return switch (plain.getSimpleName()) {
            case "String", "MicroTime", "ZonedDateTime" -> "string";
            case "Integer" -> "int32";
            case "Long" -> "int64";
            case "Boolean" -> "bool";
            case "Double" -> "double";
            case "Quantity" -> "quantity";
            case "IntOrString" -> "int-or-string";
            case "Object", "AnyType", "RawExtension", "FieldsV1", "KubernetesResource" -> "any";
            default -> name(plain);
        };
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) Json.MAPPER.readTree(text.replace('`', '"'));
    }

    @Test
    void dropsWhatNobodyKnows() {
        ObjectNode pod =
                json(
                        "{`spec`:{`containers`:[{`name`:`a`},{`name`:`b`,`imag`:`x`}],`node`:null},"
                                + "`stat`:{}}");
        assertThat(Schema.clean("Pod", pod))
                .containsExactly(
                        "unknown field \"spec.containers[1].imag\"",
                        "unknown field \"spec.node\"",
                        "unknown field \"stat\"");
        assertThat(pod).isEqualTo(json("{`spec`:{`containers`:[{`name`:`a`},{`name`:`b`}]}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Deployment | {`spec`:{`replicas`:`two`}} | cannot unmarshal string into Go struct"
                        + " field DeploymentSpec.spec.replicas of type int32",
                "Pod | {`spec`:{`containers`:[{`env`:[{`name`:`a`,`value`:1}]}]}} | cannot unmarshal"
                        + " number into Go struct field EnvVar.spec.containers.env.value of type"
                        + " string",
                "Pod | {`spec`:{`containers`:{}}} | cannot unmarshal object into Go struct field"
                        + " PodSpec.spec.containers of type []v1.Container",
                "ConfigMap | {`data`:{`a`:true}} | cannot unmarshal bool into Go struct field"
                        + " ConfigMap.data of type string",
                "Secret | {`data`:{`a`:`no!`}} | illegal base64 data at input byte 0"
            })
    void refusesOtherTypes(String kind, String object, String why) {
        assertThatThrownBy(() -> Schema.clean(kind, json(object))).hasMessageContaining(why);
    }
}
