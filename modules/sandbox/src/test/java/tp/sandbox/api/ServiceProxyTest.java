package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.sandbox.store.Resources;

/**
 * {@code services/proxy} with the scheme {@code https:}. Behind the Service is what speaks TLS here
 * and tells who asks: the API server itself.
 */
@Timeout(60)
class ServiceProxyTest {

    private static final String SERVICES = "/api/v1/namespaces/default/services/";

    private final ServerFixture fixture = new ServerFixture();

    @BeforeEach
    void prepare() {
        fixture.runningPod("p");
        service("api", fixture.server.addresses().getFirst().getPort());
        service("nobody", 0);
        fixture.store.create(
                Resources.ROLES,
                ServerFixture.json(
                        """
                        {"metadata":{"name":"proxy","namespace":"default"},
                         "rules":[{"apiGroups":[""],"resources":["services/proxy"],"verbs":["get"],
                           "resourceNames":["https:api:web"]}]}
                        """));
        fixture.store.create(
                Resources.ROLE_BINDINGS,
                ServerFixture.json(
                        """
                        {"metadata":{"name":"proxy","namespace":"default"},
                         "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"proxy"},
                         "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"forwarder"}]}
                        """));
    }

    private void service(String name, int port) {
        fixture.store.create(
                Resources.SERVICES,
                ServerFixture.json(
                        """
                        {"metadata":{"name":"%s","namespace":"default"},
                         "spec":{"ports":[{"name":"web","port":8445}]}}
                        """
                                .formatted(name)));
        if (port == 0) {
            return;
        }
        fixture.store.create(
                Resources.ENDPOINT_SLICES,
                ServerFixture.json(
                        """
                        {"metadata":{"name":"%s-1","namespace":"default",
                           "labels":{"kubernetes.io/service-name":"%s"}},
                         "addressType":"IPv4","ports":[{"name":"web","port":%d}],
                         "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true},
                           "targetRef":{"kind":"Pod","name":"p"}}]}
                        """
                                .formatted(name, name, port)));
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "forwarder | https:api:web    | /healthz    | 200 | ok",
                "forwarder | https:api:web    | /api/v1/namespaces | 403 | system:anonymous",
                "admin     | https:api:web    | /api/v1/namespaces | 403 | system:anonymous",
                "forwarder | https:api:8445   | /healthz    | 403 | cannot get resource \\\"services/proxy\\\"",
                "forwarder | api:web          | /healthz    | 403 | cannot get resource \\\"services/proxy\\\"",
                "viewer    | https:api:web    | /healthz    | 403 | cannot get resource \\\"services/proxy\\\"",
                "admin     | api:web          | /healthz    | 503 | error trying to reach service",
                "admin     | https:x:web      | /healthz    | 404 | services \\\"x\\\" not found",
                "admin     | https:nobody:web | /healthz    | 503 | no endpoints available for service",
                "admin     | https:api:other  | /healthz    | 503 | no service port",
                "admin     | ftp:api:web      | /healthz    | 400 | invalid service request",
            })
    void aRequestIsPassedOnWithoutCredentialsOrRefusedAsARealServerDoes(
            String user, String name, String path, int status, String said) throws Exception {
        String answer = ask(user, SERVICES + name + "/proxy" + path, "Connection: close\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains(said);
    }

    /** The right is asked for an upgrade as for any other request, and what refuses it is told. */
    @Test
    void anUpgradeIsPassedOnWithoutCredentialsToo() throws Exception {
        String upgrade = "Connection: Upgrade, close\r\nUpgrade: websocket\r\n";
        String inside = "/api/v1/namespaces/default/pods/p/portforward";

        assertThat(ask("forwarder", SERVICES + "https:api:web/proxy" + inside, upgrade))
                .startsWith("HTTP/1.1 403 ")
                .contains("system:anonymous");
        assertThat(ask("viewer", SERVICES + "https:api:web/proxy" + inside, upgrade))
                .startsWith("HTTP/1.1 403 ")
                .contains("services/proxy");
    }

    private String ask(String user, String path, String headers) throws Exception {
        try (Socket client = fixture.connect()) {
            String request =
                    "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n"
                            .formatted(path, fixture.token(user), headers);
            client.getOutputStream().write(request.getBytes(UTF_8));
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
