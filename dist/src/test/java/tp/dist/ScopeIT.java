package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * Promise 4: what is not mapped is reached neither by name nor by address; when mapped, by all of
 * them.
 */
@Needs("kubectl")
class ScopeIT {

    private static Laptop laptop;
    private static List<String> names;
    private static List<String> addresses;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        String clusterIp =
                laptop.run("kubectl -n team-a get svc payroll -o jsonpath='{.spec.clusterIP}'")
                        .output();
        String podIp =
                laptop.run("kubectl -n team-a get pods -o jsonpath='{.items[0].status.podIP}'")
                        .output();
        names =
                List.of(
                        "payroll",
                        "payroll.team-a",
                        "payroll.team-a.svc",
                        "payroll.team-a.svc.cluster.local");
        addresses = List.of(clusterIp, podIp);
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    /** How it ends is told by curl's exit code: 6 no such host, 7 no connection. */
    @Test
    void anUnmappedNamespaceIsRefusedSixTimesAndAMappedOneReachedSixTimes() throws Exception {
        assertThat(laptop.run("tp connect -n default --mapped-namespaces default").exit()).isZero();
        for (String name : names) {
            assertThat(curl(name).exit()).as(name).isEqualTo(6);
        }
        for (String address : addresses) {
            assertThat(curl(address).exit()).as(address).isEqualTo(7);
        }
        assertThat(laptop.run("curl -fsS -m 10 dataprocessingservice:3000").exit()).isZero();
        assertThat(laptop.run("dig +short payroll.team-a.svc.cluster.local").output()).isEmpty();
        assertThat(laptop.run("dig payroll.team-a.svc.cluster.local").output())
                .contains("status: REFUSED", "EDE: 18");
        assertThat(laptop.run("tp quit").exit()).isZero();

        assertThat(laptop.run("tp connect -n team-a --mapped-namespaces default,team-a").exit())
                .isZero();
        for (String name : names) {
            assertThat(curl(name).output()).as(name).contains("payroll");
        }
        for (String address : addresses) {
            String literal = address.contains(":") ? "[" + address + "]" : address;
            assertThat(curl(literal).output()).as(address).contains("payroll");
        }
        assertThat(laptop.run("tp quit").exit()).isZero();
    }

    @Test
    void roleTpUserIsAllThatOneNeeds() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        Shell.AS_ACCOUNT
                                + """
                                tp connect -- true || exit
                                away() { rm -f $T/someone; kubectl -n default delete serviceaccount someone; kubectl -n tp-system delete rolebinding someone; }
                                trap away EXIT
                                kubectl -n default create serviceaccount someone
                                kubectl -n tp-system create rolebinding someone --role=tp-user --serviceaccount=default:someone
                                as_account default someone $T/someone
                                tp connect --kubeconfig $T/someone -- curl -fsS -m 10 dataprocessingservice.default:3000
                                """);

        assertThat(result.exit()).as(result.output()).isZero();
    }

    /** The users of README's table. */
    @ParameterizedTest
    @Needs(sandbox = "its kubeconfigs of others")
    @CsvSource({
        "developer, -n default, create deployments, yes",
        "developer, -n team-a, create deployments, no",
        "viewer, -A, list pods, yes",
        "viewer, -A, list secrets, no",
        "viewer, -n default, create pods --subresource=portforward, no",
        "forwarder, -n default, create pods --subresource=portforward, yes",
        "forwarder, -n default, get configmaps, no",
        "admin-certificate, -A, '* *', yes"
    })
    void theSandboxHasUsersOfDifferentRights(String user, String where, String what, String answer)
            throws Exception {
        String quoted = what.startsWith("*") ? "'*' '*'" : what;
        String command =
                "kubectl --kubeconfig $(dirname $KUBECONFIG)/kubeconfigs/%s auth can-i %s %s"
                        .formatted(user, where, quoted);

        assertThat(laptop.run(command).output()).isEqualTo(answer);
    }

    private static Laptop.Result curl(String target) throws InterruptedException {
        return laptop.run("curl -fsS -m 5 " + target + ":8080");
    }
}
