package tp.sandbox.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PodEnvironmentTest {

    private static final Map<String, String> VARIABLES = Map.of("A", "1", "B", "$(A)");

    @ParameterizedTest
    @CsvSource({
        "x$(A)y, x1y",
        "$(A)$(A), 11",
        "$(NOPE), $(NOPE)",
        "$$(A), $(A)",
        "$A, $A",
        "$(B), $(A)",
        "$(A, $(A",
    })
    void expandsReferencesOnce(String text, String expected) {
        assertThat(PodEnvironment.expand(text, VARIABLES)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "metadata.name, web",
        "metadata.namespace, default",
        "metadata.labels['app.kubernetes.io/name'], web",
        "metadata.labels['nope'], ''",
        "spec.nodeName, sandbox",
        "status.podIP, 10.244.0.5",
        "'status.podIPs', '10.244.0.5,fd00::5'",
    })
    void readsFieldsOfThePod(String path, String expected) {
        ObjectNode pod =
                (ObjectNode)
                        new JsonMapper()
                                .readTree(
                                        """
                                        {"metadata": {"name": "web", "namespace": "default",
                                           "labels": {"app.kubernetes.io/name": "web"}},
                                         "spec": {"nodeName": "sandbox"},
                                         "status": {"podIP": "10.244.0.5",
                                           "podIPs": [{"ip": "10.244.0.5"}, {"ip": "fd00::5"}]}}
                                        """);

        assertThat(PodFields.field(pod, path)).isEqualTo(expected);
    }
}
