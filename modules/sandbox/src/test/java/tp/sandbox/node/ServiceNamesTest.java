package tp.sandbox.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.dns.ClusterDns;
import tp.sandbox.dns.Names;
import tp.sandbox.dns.OutsideDns;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** The names of Services, section by section of the Kubernetes DNS specification. */
class ServiceNamesTest {

    private final ObjectStore store = new ObjectStore();
    private final ServiceNames names = new ServiceNames(store);
    private final ClusterDns dns = new ClusterDns(names::zone, new OutsideDns());

    @BeforeEach
    void fill() {
        create(
                Resources.SERVICES,
                """
                {"metadata": {"name": "web", "namespace": "default"},
                 "spec": {"clusterIP": "10.96.7.7",
                   "ports": [{"name": "http", "port": 80}, {"name": "dns", "port": 53, "protocol": "UDP"}]}}
                """);
        create(
                Resources.SERVICES,
                """
                {"metadata": {"name": "unnamed", "namespace": "default"},
                 "spec": {"clusterIP": "10.96.7.8", "ports": [{"port": 80}]}}
                """);
        create(
                Resources.SERVICES,
                """
                {"metadata": {"name": "db", "namespace": "default"},
                 "spec": {"clusterIP": "None", "ports": [{"name": "sql", "port": 5432}]}}
                """);
        create(
                Resources.SERVICES,
                """
                {"metadata": {"name": "cold", "namespace": "default"},
                 "spec": {"clusterIP": "None", "ports": [{"name": "sql", "port": 5432}]}}
                """);
        create(
                Resources.SERVICES,
                """
                {"metadata": {"name": "away", "namespace": "default"},
                 "spec": {"type": "ExternalName", "externalName": "www.example.com"}}
                """);
        slice("db", "\"conditions\": {\"ready\": true}, \"hostname\": \"db-0\"", "10.244.1.1");
        slice("db", "\"conditions\": {\"ready\": true}", "10.244.1.2");
        slice("db", "\"conditions\": {\"ready\": false}", "10.244.1.3");
        slice("cold", "\"conditions\": {\"ready\": false}", "10.244.1.4");
        names.reconcile();
    }

    @ParameterizedTest
    @CsvSource({
        "dns-version, TXT, NOERROR, 1.1.0",
        // §2.3 Services with a ClusterIP
        "web.default.svc, A, NOERROR, 10.96.7.7",
        "web.default.svc, AAAA, NOERROR, ''",
        "_http._tcp.web.default.svc, SRV, NOERROR, 0 100 80 web.default.svc.cluster.local.",
        "_dns._udp.web.default.svc, SRV, NOERROR, 0 100 53 web.default.svc.cluster.local.",
        "_http._udp.web.default.svc, SRV, NXDOMAIN, ''",
        "unnamed.default.svc, A, NOERROR, 10.96.7.8",
        "_._tcp.unnamed.default.svc, SRV, NXDOMAIN, ''",
        "7.7.96.10.in-addr.arpa., PTR, NOERROR, web.default.svc.cluster.local.",
        "kubernetes.default.svc, A, NOERROR, 10.96.0.1",
        // §2.4 headless Services: ready endpoints only
        "db.default.svc, A, NOERROR, 10.244.1.1 10.244.1.2",
        "db-0.db.default.svc, A, NOERROR, 10.244.1.1",
        "10-244-1-2.db.default.svc, A, NOERROR, 10.244.1.2",
        "10-244-1-3.db.default.svc, A, NXDOMAIN, ''",
        "1.1.244.10.in-addr.arpa., PTR, NOERROR, db-0.db.default.svc.cluster.local.",
        "cold.default.svc, A, NXDOMAIN, ''",
        // §2.5 ExternalName
        "away.default.svc, CNAME, NOERROR, www.example.com.",
        "away.default.svc, A, NOERROR, www.example.com. 192.0.2.80",
    })
    void followsTheSpecification(String name, String type, String code, String expected) {
        Message answer = ask(name.endsWith(".") ? name : name + ".cluster.local", type);

        assertThat(Rcode.string(answer.getRcode())).isEqualTo(code);
        assertThat(answer.getSection(Section.ANSWER).stream().map(Record::rdataToString).sorted())
                .containsExactlyInAnyOrderElementsOf(
                        type.equals("SRV") || expected.isEmpty()
                                ? List.of(expected).stream().filter(e -> !e.isEmpty()).toList()
                                : List.of(expected.split(" ", -1)));
    }

    private Message ask(String name, String type) {
        Record question = Record.newRecord(Names.absolute(name), Type.value(type), DClass.IN);
        Message query = Message.newQuery(question);
        Message answer = new Message(query.getHeader().getID());
        dns.answer(query, answer);
        return answer;
    }

    private void slice(String service, String endpoint, String address) {
        create(
                Resources.ENDPOINT_SLICES,
                """
                {"metadata": {"generateName": "s-", "namespace": "default",
                   "labels": {"kubernetes.io/service-name": "%s"}},
                 "addressType": "IPv4",
                 "endpoints": [{"addresses": ["%s"], %s}],
                 "ports": [{"name": "sql", "port": 5432, "protocol": "TCP"}]}
                """
                        .formatted(service, address, endpoint));
    }

    private void create(ResourceType type, String json) {
        store.create(type, (ObjectNode) new JsonMapper().readTree(json));
    }
}
