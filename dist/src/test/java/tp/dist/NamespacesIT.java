package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tp.testkit.laptop.Laptop;

/** Five hundred namespaces, and somebody who may use two of them. */
@Needs(value = "kubectl", sandbox = "500 namespaces made in a moment")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NamespacesIT {

    private static final int NAMESPACES = 500;

    /** No round of 501 questions takes less. */
    private static final int KEPT_MS = 20;

    private static final int BUSY_MS = 1_700;

    /** docs/rbac.md, "An account for each user or team". */
    private static final String ALICE =
            Shell.AS_ACCOUNT
                    + """
            connects() {
                for i in 1 2 3 4; do
                    start=$(date +%s%N); "$@" >/dev/null || exit
                    echo "$(( ($(date +%s%N) - start) / 1000000 ))"; tp quit >/dev/null
                done | sort -n | sed -n 1p
            }
            tp connect && tp quit || exit
            connects tp connect >$T/with-few
            for i in $(seq 500); do
                printf -- '---\\napiVersion: v1\\nkind: Namespace\\nmetadata: { name: many-%s }\\n' $i
            done >$T/many.yaml
            kubectl create -f $T/many.yaml | wc -l
            kubectl -n tp-system create serviceaccount tp-client-alice
            kubectl -n tp-system get role tp-user -o yaml |
                sed 's/name: tp-user/name: tp-user-alice/; s/tp-client/tp-client-alice/; /uid:/d; /resourceVersion:/d' |
                kubectl create -f -
            for namespace in many-7 many-400; do
                kubectl -n $namespace create rolebinding tp-connect --clusterrole=tp-connect --serviceaccount=tp-system:tp-client-alice
            done
            kubectl -n default create serviceaccount alice
            kubectl -n tp-system create rolebinding tp-user-alice --role=tp-user-alice --serviceaccount=default:alice
            as_account default alice $T/alice
            """;

    private static final String MAPPED =
            """
            mapped() { tp status -o json | sed 's/.*"mapped_namespaces":\\[\\([^]]*\\)\\].*/\\1/; s/"//g'; }
            alice() { tp connect --kubeconfig $T/alice --service-account tp-client-alice "$@"; }
            """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        Laptop.Result made = laptop.run(Duration.ofMinutes(5), ALICE);
        assertThat(made.output()).contains("\n" + NAMESPACES + "\n");
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    /**
     * The quickest of some counts, since other work on the machine only adds to what is measured.
     * Where it is so much that a connect takes two seconds without those namespaces too, that these
     * cost little is all that can be seen.
     */
    @Test
    @Order(1)
    void whoMayUseTwoOfManyIsConnectedAtOnceAndSeesExactlyTwo() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(5),
                        MAPPED
                                + """
                                for i in 1 2 3 4; do
                                    start=$(date +%s%N); alice >/dev/null || exit
                                    echo "connected in $(( ($(date +%s%N) - start) / 1000000 )) ms"
                                    mapped; tp quit >/dev/null
                                done""");

        List<String> lines = result.output().lines().toList();
        assertThat(lines)
                .filteredOn(line -> !line.startsWith("connected"))
                .hasSize(4)
                .allMatch("many-400,many-7"::equals);
        int quickest = quickest(lines, "connected in ");
        int withFew = Integer.parseInt(laptop.run("cat $T/with-few").output());
        System.out.printf(
                "connected in %d ms with 500 namespaces, in %d with few%n", quickest, withFew);
        if (withFew < BUSY_MS) {
            assertThat(quickest).isLessThan(2_000);
        } else {
            System.out.println("not run: a connect within 2 s needs a machine that is less busy");
            assertThat(quickest).isLessThan(2 * withFew);
        }
    }

    @Test
    @Order(2)
    void theManagerFindsThemWithinASecond() throws Exception {
        List<String> lines =
                laptop.run(
                                "kubectl -n tp-system logs deploy/tp-manager -c manager | grep 'tp-client-alice may connect to 2 of 50[0-9] '")
                        .output()
                        .lines()
                        .toList();

        // What another link of the session asked a moment before is no measurement.
        List<Integer> asked =
                lines.stream()
                        .map(line -> line.replaceAll(".*known in (\\d+) ms", "$1"))
                        .map(Integer::valueOf)
                        .filter(ms -> ms > KEPT_MS)
                        .toList();
        System.out.println("known in ms: " + asked);
        assertThat(asked).isNotEmpty();
        assertThat(asked.stream().min(Integer::compare).orElseThrow()).isLessThan(1_000);
    }

    private static int quickest(List<String> lines, String words) {
        return lines.stream()
                .filter(line -> line.contains(words))
                .mapToInt(
                        line -> Integer.parseInt(line.replaceAll(".*" + words + "(\\d+) ms", "$1")))
                .min()
                .orElseThrow();
    }

    @Test
    @Order(3)
    void aNamespaceThatIsMadeAndGrantedLaterAppearsWithoutAReconnect() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        MAPPED
                                + """
                                alice >/dev/null || exit
                                kubectl create namespace later >/dev/null
                                kubectl -n later create service clusterip web --tcp=80 >/dev/null
                                getent hosts web.later >/dev/null && echo "known before it is granted"
                                kubectl -n later create rolebinding tp-connect --clusterrole=tp-connect --serviceaccount=tp-system:tp-client-alice >/dev/null
                                until getent hosts web.later >/dev/null; do sleep 0.1; done
                                mapped
                                tp status -o json | grep -o '"reconnects":[0-9]*'
                                tp quit >/dev/null""");

        assertThat(result.output()).isEqualTo("later,many-400,many-7\n\"reconnects\":0");
    }

    @Test
    @Order(4)
    void whoMayNotUseTheSharedAccountIsToldWhatIsMissing() throws Exception {
        Laptop.Result result = laptop.run("tp connect --kubeconfig $T/alice");

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.output())
                .contains("create a token of the ServiceAccount tp-client in tp-system");
    }

    @Test
    @Order(5)
    void whoMayUseAllHasAll() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(1),
                        MAPPED
                                + "tp connect >/dev/null && mapped | tr ',' '\\n' | grep -c many; tp quit");

        assertThat(result.output()).startsWith(Integer.toString(NAMESPACES));
    }
}
