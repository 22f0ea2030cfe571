package tp.sandbox.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a namespace that enforces a Pod Security Standard lets in. */
class PodSecurityTest {

    private static final String GOOD =
            "'securityContext':{'runAsNonRoot':true,'seccompProfile':{'type':'RuntimeDefault'}},"
                    + "'containers':[{'name':'c','image':'i','securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']}}}]";

    private final ObjectStore store = new ObjectStore();

    @Test
    void aPodThatKeepsTheStandardIsMade() {
        namespace("restricted");

        store.create(Resources.PODS, pod(GOOD));
        assertThat(store.list(Resources.PODS, "n")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'runAsNonRoot':true | 'runAsNonRoot':false | runAsNonRoot != true (container \"c\" must set securityContext.runAsNonRoot=true)",
                "'runAsNonRoot':true | 'runAsNonRoot':true,'runAsUser':0 | runAsUser=0 (container \"c\" must not set runAsUser=0)",
                "'RuntimeDefault' | 'Unconfined' | seccompProfile (container \"c\" must set",
                "'allowPrivilegeEscalation':false, |  | allowPrivilegeEscalation != false (container",
                "'ALL' | 'KILL' | unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"])",
                "'drop':['ALL'] | 'drop':['ALL'],'add':['NET_RAW'] | non-default capabilities (container \"c\" must not include \"NET_RAW\" in securityContext.capabilities.add)",
                "'drop':['ALL'] | 'drop':['ALL'],'add':['CHOWN'] | unrestricted capabilities (container \"c\" must not include \"CHOWN\" in securityContext.capabilities.add)",
                "'containers' | 'hostNetwork':true,'containers' | host namespaces (hostNetwork=true)",
                "'containers' | 'volumes':[{'name':'v','hostPath':{'path':'/'}}],'containers' | hostPath volumes (volume \"v\")",
                "'runAsNonRoot':true | 'runAsNonRoot':true,'sysctls':[{'name':'kernel.msgmax','value':'1'}] | forbidden sysctls (kernel.msgmax)",
            })
    void oneThatDoesNotIsRefusedWithTheReason(String part, String other, String reason) {
        namespace("restricted");
        String spec = GOOD.replace(part, other == null ? "" : other);

        assertThatThrownBy(() -> store.create(Resources.PODS, pod(spec)))
                .hasMessageStartingWith(
                        "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": "
                                + reason);
        assertThat(store.list(Resources.PODS, "n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"'', false", "privileged, false", "baseline, true", "restricted, true"})
    void eachLevelRefusesWhatItIsFor(String level, boolean refused) {
        namespace(level);
        String spec = "'hostPID':true,'containers':[{'name':'c','image':'i'}]";

        if (refused) {
            assertThatThrownBy(() -> store.create(Resources.PODS, pod(spec)))
                    .hasMessageContaining("host namespaces (hostPID=true)");
        } else {
            store.create(Resources.PODS, pod(spec));
        }
    }

    private void namespace(String level) {
        store.create(
                Resources.NAMESPACES,
                json(
                        "{'metadata':{'name':'n','labels':{'pod-security.kubernetes.io/enforce':'%s'}}}"
                                .formatted(level)));
    }

    private static ObjectNode pod(String spec) {
        return json("{'metadata':{'name':'p','namespace':'n'},'spec':{" + spec + "}}");
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) new JsonMapper().readTree(text.replace('\'', '"'));
    }
}
