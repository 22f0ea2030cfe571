package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** A manager for some namespaces, brought by somebody who administers these and nothing else. */
@Tag("wide")
@Needs(value = "kubectl", sandbox = "its record of requests")
class RolesOnlyIT {

    private static final String SHELL =
            """
            ann() { tp "$@" --kubeconfig $T/ann; }
            """;

    private static InstallShell shell;

    @BeforeAll
    static void start() throws Exception {
        shell = new InstallShell();
        Laptop.Result made =
                run(
                        """
                set -e
                account ann
                for n in default team-a; do
                    kubectl -n $n create rolebinding ann --clusterrole=admin --serviceaccount=default:ann
                done
                kubectl --kubeconfig $T/ann config set-context --current --namespace default""");
        assertThat(made.exit()).as(made.output()).isZero();
    }

    @AfterAll
    static void stop() {
        shell.close();
    }

    @BeforeEach
    void before() throws Exception {
        run("objects >$T/before; mark");
    }

    @AfterEach
    void remove() throws Exception {
        run("tp quit; ann uninstall --namespaces default,team-a");
    }

    @Test
    void allNamespacesThatItIsForAreReachedAndItLeavesNoTrace() throws Exception {
        Laptop.Result result =
                run(
                        """
                        ann install --namespaces default,team-a | tail -1
                        ann connect >/dev/null
                        curl -s verylargejavaservice.default:8080 | grep -o '<title>'
                        curl -s payroll.team-a:8080 | grep -o payroll
                        kubectl get ns,clusterroles,clusterrolebindings -o name | grep tp-
                        tp quit >/dev/null
                        ann install --namespaces default,team-a | tail -1
                        ann uninstall | tail -1
                        objects | diff $T/before - && echo "as before\"""");

        assertThat(result.output().lines().map(InstallShell::withoutPlace))
                .containsExactly(
                        "Installed manager 0.1.0-SNAPSHOT for default, team-a alone in context"
                                + " sandbox",
                        "<title>",
                        "payroll",
                        "Nothing to change, manager 0.1.0-SNAPSHOT is installed for default, team-a"
                                + " alone in context sandbox",
                        "Removed 19 objects in context sandbox",
                        "as before");
    }

    /** The level is found from the user's rights, and holds whatever a client asks for. */
    @Test
    void whatItIsNotForIsNotReached() throws Exception {
        Laptop.Result result =
                run(
                        """
                        ann install 2>&1 | grep -e alone
                        payroll=$(kubectl -n team-a get svc payroll -o jsonpath='{.spec.clusterIP}')
                        pod=$(kubectl -n team-a get pod -l app=payroll -o jsonpath='{.items[0].status.podIP}')
                        ann connect --also-proxy $payroll/32,$pod/32 >/dev/null 2>&1
                        curl -s verylargejavaservice.default:8080 | grep -o '<title>'
                        for to in $payroll $pod payroll.team-a.svc.cluster.local; do
                            curl -s -m 9 http://$to:8080/ >/dev/null; echo "curl $?"
                        done
                        dig +noall +comments payroll.team-a.svc.cluster.local | grep -o 'status: [A-Z]*'""");

        assertThat(result.output().lines().map(InstallShell::withoutPlace))
                .containsExactly(
                        "You may not create on namespaces; so it is for default alone, with Roles"
                                + " only",
                        "Installed manager 0.1.0-SNAPSHOT for default alone in context sandbox",
                        "<title>",
                        "curl 7",
                        "curl 7",
                        "curl 6",
                        "status: REFUSED");
    }

    @Test
    void aRightThatIsTakenAwayEndsForTheNextSession() throws Exception {
        Laptop.Result result =
                run(
                        """
                        ann install --namespaces default,team-a >/dev/null
                        kubectl -n team-a delete rolebinding tp-connect-default >/dev/null
                        ann connect >/dev/null
                        tp status | grep Mapped
                        tp quit >/dev/null
                        ann connect --mapped-namespaces team-a 2>&1 | grep -o 'may not connect to team-a'""");

        assertThat(result.output().lines().map(String::strip))
                .containsExactly("Mapped namespaces : default", "may not connect to team-a");
    }

    /** A restart makes it update what it has published. */
    @Test
    void theManagerUsesEachRightOfItsRolesAndNoOther() throws Exception {
        Laptop.Result result =
                run(
                        """
                        ann install --namespaces default,team-a >/dev/null
                        ann connect >/dev/null; tp quit >/dev/null
                        kubectl -n default delete pod -l app.kubernetes.io/name=tp-manager >/dev/null
                        kubectl -n default rollout status deploy/tp-manager --timeout=60s >/dev/null
                        tp install --print-rbac --for manager --namespaces default,team-a >$T/roles.yaml
                        kubectl create --dry-run=client -f $T/roles.yaml -o go-template='{{$n := .metadata.namespace}}{{range .rules}}{{$r := .}}{{range .verbs}}{{$v := .}}{{range $r.resources}}may {{$v}} {{.}} {{$n}}{{"\\n"}}{{end}}{{end}}{{end}}' | grep -v portforward
                        asked default:tp-manager""");

        Set<String> granted =
                result.output()
                        .lines()
                        .filter(line -> line.startsWith("may "))
                        .map(line -> line.substring("may ".length()))
                        .collect(Collectors.toCollection(TreeSet::new));
        List<String> events =
                result.output().lines().filter(line -> line.contains("objectRef")).toList();
        Set<String> used =
                events.stream()
                        .map(
                                event ->
                                        AuditEvent.value(event, "verb")
                                                + " "
                                                + AuditEvent.value(event, "resource")
                                                + " "
                                                + AuditEvent.value(event, "namespace"))
                        .collect(Collectors.toCollection(TreeSet::new));
        System.out.println("the manager used: " + used);
        assertThat(used).as(result.output()).isEqualTo(granted).hasSize(15);
        assertThat(events).noneMatch(event -> event.contains("\"forbid\""));
    }

    private static Laptop.Result run(String script) throws InterruptedException {
        return shell.run(SHELL + script);
    }
}
