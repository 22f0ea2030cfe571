package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.testkit.laptop.Laptop;

/** What is in the way of the manager is said in one line with a next step. */
@Tag("wide")
@Needs("kubectl")
class InstallRefusedIT {

    private static InstallShell shell;

    @BeforeAll
    static void start() throws Exception {
        shell = new InstallShell();
    }

    @AfterAll
    static void stop() {
        shell.close();
    }

    @AfterEach
    void remove() throws Exception {
        shell.remove();
    }

    /**
     * What is in the way, and the one line about it.
     *
     * @param words of that line, in order
     */
    record Row(String name, String script, List<String> words) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Row> rows() {
        return Stream.of(pods(), objects(), rights()).flatMap(List::stream);
    }

    private static List<Row> pods() {
        return List.of(
                new Row(
                        "an image that cannot be pulled",
                        "tp install --image registry.example/nothing:1",
                        List.of(
                                "cannot start: ",
                                "registry.example/nothing:1",
                                "where the nodes can")),
                new Row(
                        "an image that cannot be pulled, beside a manager that runs",
                        "tp install >/dev/null; tp install --image registry.example/nothing:1",
                        List.of(
                                "cannot start: ",
                                "registry.example/nothing:1",
                                "where the nodes can")),
                new Row(
                        "a pod that Pod Security refuses",
                        """
                        tp install >/dev/null
                        kubectl -n tp-system patch deploy tp-manager -p '{"spec":{"template":{"spec":{"hostNetwork":true}}}}' >/dev/null
                        tp install""",
                        List.of(
                                "cannot start: pods \"tp-manager-",
                                "violates PodSecurity \"restricted:latest\"",
                                "hostNetwork=true",
                                "ask who made that rule")));
    }

    private static List<Row> objects() {
        return List.of(
                new Row(
                        "no image's name",
                        "tp install --image 'a b'",
                        List.of("no image can be called 'a b'", "give a name")),
                new Row(
                        "a newer version",
                        """
                        tp install >/dev/null
                        kubectl -n tp-system patch cm tp-manager-info --type merge -p '{"data":{"version":"9.0.0"}}' >/dev/null
                        tp install""",
                        List.of("is tp 9.0.0, newer than this one", "update tp", "--force")),
                new Row(
                        "what somebody else has set",
                        """
                        tp install >/dev/null
                        kubectl -n tp-system scale deploy tp-manager --replicas=0 >/dev/null
                        tp install""",
                        List.of(
                                "could not apply Deployment tp-manager",
                                "conflict with \"kubectl\"",
                                ".spec.replicas",
                                "--force")));
    }

    private static List<Row> rights() {
        return List.of(
                new Row(
                        "no right at all",
                        "account nobody; tp install --kubeconfig $T/nobody",
                        List.of(
                                "for the whole cluster create on namespaces is missing, for the"
                                        + " namespace default alone create on serviceaccounts",
                                "tp install --print-rbac --for installer")),
                new Row(
                        "one right less",
                        """
                        account less
                        tp install --print-rbac --for installer | sed '/"clusterrolebindings"/d' |
                            sed 's/tp-installer/tp-less/' | kubectl apply -f - >/dev/null
                        kubectl create clusterrolebinding tp-less --clusterrole=tp-less --serviceaccount=default:less >/dev/null
                        kubectl -n tp-system create rolebinding tp-less --role=tp-less --serviceaccount=default:less >/dev/null
                        tp install --kubeconfig $T/less; code=$?
                        kubectl delete clusterrolebinding/tp-less clusterrole/tp-less >/dev/null; exit $code""",
                        List.of(
                                "create on clusterrolebindings.rbac.authorization.k8s.io is missing",
                                "--for installer")),
                new Row(
                        "no right to remove",
                        "tp install >/dev/null; account nobody; tp uninstall --kubeconfig $T/nobody",
                        List.of(
                                "you may not remove the manager: get on namespaces is missing",
                                "--for installer")),
                new Row(
                        "rights of an unknown transport",
                        "tp install --print-rbac --transport pigeon",
                        List.of("'pigeon'", "known are: grpc, port-forward, quic, websocket")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void whatIsInTheWayIsOneLineWithTheNextStep(Row row) throws Exception {
        long beganNs = System.nanoTime();
        Laptop.Result result = run(row.script());

        assertThat(result.exit()).as(result.output()).isIn(1, 2);
        List<String> errors =
                result.output().lines().filter(line -> line.startsWith("tp: ")).toList();
        assertThat(errors).as(result.output()).hasSize(1);
        assertThat(errors.getFirst()).containsSubsequence(row.words()).contains("; ");
        assertThat(result.output()).endsWith(errors.getFirst()).doesNotContain("Exception");
        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofMinutes(2));
    }

    private static Laptop.Result run(String script) throws InterruptedException {
        return shell.run(script);
    }
}
