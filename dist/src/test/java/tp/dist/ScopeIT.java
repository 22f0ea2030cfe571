package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Promise 4: what is not mapped is reached neither by name nor by address; when mapped, by all of
 * them.
 */
class ScopeIT {

    private static Laptop laptop;
    private static List<String> targets;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        String clusterIp =
                laptop.run("kubectl -n team-a get svc payroll -o jsonpath='{.spec.clusterIP}'")
                        .output();
        String podIp =
                laptop.run("kubectl -n team-a get pods -o jsonpath='{.items[0].status.podIP}'")
                        .output();
        targets = List.of("payroll.team-a", "payroll.team-a.svc.cluster.local", clusterIp, podIp);
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void anUnmappedNamespaceIsRefusedFourTimesAndAMappedOneReachedFourTimes() throws Exception {
        assertThat(laptop.run("tp connect --mapped-namespaces default").exit()).isZero();
        for (String target : targets) {
            assertThat(curl(target).exit()).as(target).isNotZero();
        }
        assertThat(laptop.run("curl -fsS -m 10 dataprocessingservice.default:3000").exit())
                .isZero();
        assertThat(laptop.run("tp quit").exit()).isZero();

        assertThat(laptop.run("tp connect --mapped-namespaces default,team-a").exit()).isZero();
        for (String target : targets) {
            assertThat(curl(target).exit()).as(target).isZero();
        }
        assertThat(laptop.run("tp quit").exit()).isZero();
    }

    @Test
    void roleTpUserIsAllThatOneNeeds() throws Exception {
        Laptop.Result result =
                laptop.run(
                        """
                        tp connect -- true || exit
                        config=$(mktemp); trap 'rm $config' EXIT
                        kubectl create serviceaccount someone
                        kubectl -n tp-system create rolebinding someone --role=tp-user --serviceaccount=default:someone
                        sed "s/token: .*/token: $(kubectl create token someone)/" $KUBECONFIG >$config
                        tp connect --kubeconfig $config -- curl -fsS -m 10 dataprocessingservice.default:3000
                        """);

        assertThat(result.exit()).as(result.output()).isZero();
    }

    private static Laptop.Result curl(String target) throws InterruptedException {
        return laptop.run("curl -fsS -m 5 " + target + ":8080");
    }
}
