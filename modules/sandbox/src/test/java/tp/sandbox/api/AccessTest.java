package tp.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.DeleteOptions;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** Who is who, who may do what, and which objects a selector means. */
class AccessTest {

    private final ObjectStore store = new ObjectStore();

    private static ObjectNode json(String text) {
        return (ObjectNode) Json.MAPPER.readTree(text.replace('`', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get    |      | pods             | p | true",
                "get    |      | pods/log         | p | true",
                "get    |      | pods/exec        | p | false",
                "delete |      | pods             | p | false",
                "get    | apps | pods             | p | false",
                "update | apps | deployments      | a | true",
                "update | apps | deployments      | b | false",
                "update | apps | deployments      |   | false",
                "get    | apps | deployments/scale | x | true",
                "patch  | any  | widgets          | x | true"
            })
    void rulesMatch(String verb, String group, String resource, String name, boolean allowed) {
        List<ObjectNode> rules =
                List.of(
                        json(
                                "{`verbs`:[`get`],`apiGroups`:[``],"
                                        + "`resources`:[`pods`,`pods/log`]}"),
                        json(
                                "{`verbs`:[`*`],`apiGroups`:[`apps`],`resources`:[`deployments`],"
                                        + "`resourceNames`:[`a`]}"),
                        json("{`verbs`:[`get`],`apiGroups`:[`*`],`resources`:[`*/scale`]}"),
                        json("{`verbs`:[`patch`],`apiGroups`:[`any`],`resources`:[`*`]}"));
        Access access =
                new Access(
                        verb,
                        group == null ? "" : group,
                        resource,
                        "ns",
                        name == null ? "" : name,
                        "");
        assertThat(rules.stream().anyMatch(rule -> Rbac.matches(rule, access))).isEqualTo(allowed);
    }

    @Test
    void pathsMatch() {
        ObjectNode rule = json("{`verbs`:[`get`],`nonResourceURLs`:[`/a`,`/b/*`]}");
        assertThat(Rbac.matches(rule, Access.toPath("get", "/a"))).isTrue();
        assertThat(Rbac.matches(rule, Access.toPath("get", "/a/c"))).isFalse();
        assertThat(Rbac.matches(rule, Access.toPath("get", "/b/c"))).isTrue();
        assertThat(Rbac.matches(rule, Access.toPath("post", "/a"))).isFalse();
    }

    @Test
    void aRoleBindingHoldsInItsNamespaceOnly() {
        NamespaceContents.createRoles(store);
        User developer = User.person("developer");
        Access inDefault = new Access("create", "", "pods", "default", "", "");
        Access elsewhere = new Access("create", "", "pods", "kube-system", "", "");
        assertThat(new Rbac(store).allows(developer, inDefault)).isPresent();
        assertThat(new Rbac(store).allows(developer, elsewhere)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=1            | true",
                "a==1,b         | true",
                "a!=1           | false",
                "c!=1           | true",
                "!c             | true",
                "!a             | false",
                "a in (1,2)     | true",
                "a notin (1, 2) | false",
                "c notin (1)    | true",
                "c in (1)       | false"
            })
    void labelsMatch(String selector, boolean matches) {
        ObjectNode object = json("{`metadata`:{`labels`:{`a`:`1`,`b`:``}}}");
        assertThat(Selectors.labels(selector).test(object)).isEqualTo(matches);
    }

    /** A clock that the test moves. */
    private static final class ManualClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private ObjectNode account() {
        return store.create(
                Resources.SERVICE_ACCOUNTS,
                json("{`metadata`:{`name`:`bot`,`namespace`:`default`}}"));
    }

    @Test
    void aTokenHoldsForItsAudienceAndTime() {
        ManualClock clock = new ManualClock();
        Tokens tokens = new Tokens(store, clock);
        String token =
                tokens.issue(account(), List.of("me"), Duration.ofMinutes(10), Tokens.Binding.NONE);
        Tokens.Verdict good = tokens.verify(token, List.of("me", "you"));
        assertThat(good.holder().orElseThrow().user().name())
                .isEqualTo("system:serviceaccount:default:bot");
        assertThat(good.holder().orElseThrow().audiences()).containsExactly("me");
        assertThat(tokens.verify(token, List.of("you")).error())
                .contains("token audiences [\"me\"] is invalid for the target audiences [\"you\"]");
        clock.now = clock.now.plus(Duration.ofMinutes(10));
        assertThat(tokens.verify(token, List.of("me")).error()).contains("expired");
    }

    @Test
    void aChangedOrForeignTokenIsRefused() {
        Tokens tokens = new Tokens(store, Clock.systemUTC());
        ObjectNode account = account();
        String token = tokens.issue(account, List.of(), Duration.ofHours(1), Tokens.Binding.NONE);
        String foreign =
                new Tokens(store, Clock.systemUTC())
                        .issue(account, List.of(), Duration.ofHours(1), Tokens.Binding.NONE);
        String[] parts = token.split("\\.", -1);
        String swapped = parts[0] + "." + foreign.split("\\.", -1)[1] + "." + parts[2];
        for (String bad : List.of(foreign, swapped, token + "A", "a.b.c", "", "..")) {
            assertThat(tokens.verify(bad, List.of(Tokens.ISSUER)).holder()).isEmpty();
        }
        assertThat(tokens.verify(token, List.of(Tokens.ISSUER)).holder()).isPresent();
    }

    @Test
    void aTokenEndsWithWhatItIsBoundTo() {
        Tokens tokens = new Tokens(store, Clock.systemUTC());
        ObjectNode pod =
                store.create(
                        Resources.PODS,
                        json(
                                "{`metadata`:{`name`:`p`},`spec`:{`containers`:"
                                        + "[{`name`:`c`,`image`:`i`}]}}"));
        String uid = pod.at("/metadata/uid").asString();
        ObjectNode account = account();
        String bound =
                tokens.issue(
                        account,
                        List.of(),
                        Duration.ofHours(1),
                        new Tokens.Binding("Pod", "p", uid));
        String free = tokens.issue(account, List.of(), Duration.ofHours(1), Tokens.Binding.NONE);
        assertThat(tokens.verify(bound, List.of(Tokens.ISSUER)).holder()).isPresent();
        store.delete(Resources.PODS, "default", "p", DeleteOptions.atOnce());
        assertThat(tokens.verify(bound, List.of(Tokens.ISSUER)).holder()).isEmpty();
        assertThat(tokens.verify(free, List.of(Tokens.ISSUER)).holder()).isPresent();
        store.delete(Resources.SERVICE_ACCOUNTS, "default", "bot");
        assertThat(tokens.verify(free, List.of(Tokens.ISSUER)).holder()).isEmpty();
    }
}
