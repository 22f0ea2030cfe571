package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** The roles that are printed are enough, and no more than that: docs/rbac.md. */
@Tag("wide")
@Needs(value = "kubectl", sandbox = "its record of requests")
class RightsIT {

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

    /** By somebody who has the printed roles and nothing else. */
    @Test
    void whoHasTheInstallersRolesInstallsAndRemoves() throws Exception {
        Laptop.Result result =
                run(
                        """
                        account installer
                        tp install --print-rbac --for installer | kubectl apply -f - >/dev/null
                        kubectl create clusterrolebinding tp-installer --clusterrole=tp-installer --serviceaccount=default:installer >/dev/null
                        kubectl -n tp-system create rolebinding tp-installer --role=tp-installer --serviceaccount=default:installer >/dev/null
                        tp install --kubeconfig $T/installer | tail -1
                        reaches
                        tp uninstall --kubeconfig $T/installer 2>&1 | tail -2
                        kubectl -n tp-system get deploy,svc -o name
                        kubectl delete clusterrolebinding/tp-installer clusterrole/tp-installer >/dev/null""");

        assertThat(result.output().lines().map(InstallShell::withoutPlace))
                .containsExactly(
                        "Installed manager 0.1.0-SNAPSHOT in context sandbox",
                        "<title>",
                        "tp: warning: kept Namespace tp-system, which also has rolebindings"
                                + " tp-installer, roles tp-installer",
                        "Removed 15 objects in context sandbox");
    }

    /** Nothing that a connect asks for is missing in the role, and nothing in it is for nothing. */
    @ParameterizedTest
    @CsvSource({"port-forward, 5", "websocket, 4", "grpc, 3", "quic, 3"})
    void aConnectUsesEachRightOfTheUsersRoleAndNoOther(String transport, int rights)
            throws Exception {
        Laptop.Result result =
                run(
                        """
                        TRANSPORT=%s; role=tp-user-$TRANSPORT
                        tp install >/dev/null
                        account user-$TRANSPORT; mark
                        tp install --print-rbac --transport $TRANSPORT | kubectl apply -f - >/dev/null
                        kubectl -n tp-system create rolebinding $role --role=$role --serviceaccount=default:user-$TRANSPORT >/dev/null
                        reaches --kubeconfig $T/user-$TRANSPORT --transport $TRANSPORT
                        kubectl -n tp-system get role $role -o go-template='{{range .rules}}{{$r := .}}{{range .verbs}}may {{.}} {{index $r.resources 0}} {{range $r.resourceNames}}{{.}}{{end}}{{"\\n"}}{{end}}{{end}}'
                        asked default:user-$TRANSPORT"""
                                .formatted(transport));

        List<String> lines = result.output().lines().toList();
        assertThat(lines.getFirst()).as(result.output()).isEqualTo("<title>");
        Set<String> granted = new TreeSet<>();
        lines.stream()
                .filter(line -> line.startsWith("may "))
                .map(line -> line.substring("may ".length()).strip())
                .forEach(granted::add);
        Set<String> used = new TreeSet<>();
        lines.stream()
                .filter(line -> line.contains("\"objectRef\""))
                .map(line -> asked(line, granted))
                .forEach(used::add);
        System.out.println(transport + " used: " + used);
        assertThat(used).isEqualTo(granted).hasSize(rights);
        assertThat(lines).noneMatch(line -> line.contains("\"forbid\""));
    }

    /** The name of an object counts where the role names one. */
    private static String asked(String event, Set<String> granted) {
        String subresource = AuditEvent.value(event, "subresource");
        String plain =
                AuditEvent.value(event, "verb")
                        + " "
                        + AuditEvent.value(event, "resource")
                        + (subresource.isEmpty() ? "" : "/" + subresource);
        assertThat(AuditEvent.value(event, "namespace")).isEqualTo("tp-system");
        return granted.contains(plain) ? plain : plain + " " + AuditEvent.value(event, "name");
    }

    private static Laptop.Result run(String script) throws InterruptedException {
        return shell.run(script);
    }
}
