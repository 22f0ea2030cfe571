package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is read off objects as an API server sends them. */
class TableObjectsTest {

    private static final ClusterTable.ObjectName WEB =
            new ClusterTable.ObjectName("default", "web");

    private static JsonNode json(String text) {
        return new JsonMapper().readTree(text.replace('\'', '"'));
    }

    private static InetAddress at(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    @Test
    void aServiceHasTheAddressesOfBothFamiliesAndItsPorts() {
        assertThat(
                        TableObjects.service(
                                json(
                                        """
                                        {'metadata': {'namespace': 'default', 'name': 'web'},
                                         'spec': {'type': 'ClusterIP', 'clusterIP': '10.96.0.7', 'clusterIPs': ['10.96.0.7', 'fd00::7'],
                                                  'ports': [{'name': 'http', 'port': 80, 'targetPort': 'web'}, {'name': 'dns', 'protocol': 'UDP', 'port': 53}]}}
                                        """)))
                .contains(
                        new ClusterTable.Service(
                                WEB,
                                List.of(at("10.96.0.7"), at("fd00::7")),
                                Optional.empty(),
                                false,
                                List.of(
                                        new ClusterTable.ServicePort("http", "TCP", 80),
                                        new ClusterTable.ServicePort("dns", "UDP", 53))));
    }

    @Test
    void oneWithoutAnAddressIsHeadlessAndAnExternalNameIsNot() {
        String object = "{'metadata': {'namespace': 'default', 'name': 'web'}, 'spec': %s}";

        ClusterTable.Service headless =
                TableObjects.service(
                                json(
                                        object.formatted(
                                                "{'clusterIP': 'None', 'clusterIPs': ['None'], 'publishNotReadyAddresses': true}")))
                        .orElseThrow();
        ClusterTable.Service external =
                TableObjects.service(
                                json(
                                        object.formatted(
                                                "{'type': 'ExternalName', 'externalName': 'db.example'}")))
                        .orElseThrow();

        assertThat(headless.isHeadless()).isTrue();
        assertThat(headless.publishNotReady()).isTrue();
        assertThat(external.isHeadless()).isFalse();
        assertThat(external.externalName()).contains("db.example");
    }

    @Test
    void aSliceNamesPodsAndWhetherTheyAreReady() {
        assertThat(
                        TableObjects.slice(
                                json(
                                        """
                                        {'metadata': {'namespace': 'default', 'name': 'web-x', 'labels': {'kubernetes.io/service-name': 'web'}},
                                         'addressType': 'IPv4', 'ports': [{'name': 'http', 'port': 8080}],
                                         'endpoints': [
                                           {'addresses': ['10.1.0.1'], 'conditions': {'ready': true}, 'hostname': 'a', 'targetRef': {'kind': 'Pod', 'name': 'web-1'}},
                                           {'addresses': ['10.1.0.2'], 'conditions': {'ready': false}, 'targetRef': {'kind': 'Pod', 'name': 'web-2'}},
                                           {'addresses': ['192.0.2.1']}]}
                                        """)))
                .contains(
                        new ClusterTable.Slice(
                                WEB,
                                List.of(new ClusterTable.ServicePort("http", "TCP", 8080)),
                                List.of(
                                        endpoint("10.1.0.1", true, "a", Optional.of("web-1")),
                                        endpoint("10.1.0.2", false, "", Optional.of("web-2")),
                                        endpoint("192.0.2.1", true, "", Optional.empty()))));
    }

    private static ClusterTable.Endpoint endpoint(
            String address, boolean ready, String hostname, Optional<String> pod) {
        return new ClusterTable.Endpoint(
                List.of(at(address)),
                ready,
                hostname,
                pod.map(name -> new ClusterTable.ObjectName("default", name)));
    }

    @Test
    void aSliceOfNoServiceOrOfNamesIsLeftOut() {
        assertThat(TableObjects.slice(json("{'metadata': {'namespace': 'n', 'name': 'x'}}")))
                .isEmpty();
        assertThat(
                        TableObjects.slice(
                                json(
                                        "{'metadata': {'namespace': 'n', 'name': 'x', 'labels': {'kubernetes.io/service-name': 'web'}}, 'addressType': 'FQDN'}")))
                .isEmpty();
    }

    @Test
    void onlyAPodThatRunsIsOneAndOneOfItsNodesNetworkHasNoAddress() {
        String pod =
                "{'metadata': {'namespace': 'default', 'name': 'web', 'uid': 'u'}, 'spec': {'hostNetwork': %s}, 'status': {'phase': '%s', 'podIPs': [{'ip': '10.1.0.1'}]}}";

        assertThat(TableObjects.pod(json(pod.formatted("false", "Running"))))
                .contains(new ClusterTable.Pod(WEB, "u", List.of(at("10.1.0.1"))));
        assertThat(TableObjects.pod(json(pod.formatted("true", "Running"))))
                .contains(new ClusterTable.Pod(WEB, "u", List.of()));
        assertThat(TableObjects.pod(json(pod.formatted("false", "Succeeded")))).isEmpty();
        assertThat(TableObjects.pod(json(pod.formatted("false", "Pending")))).isEmpty();
    }
}
