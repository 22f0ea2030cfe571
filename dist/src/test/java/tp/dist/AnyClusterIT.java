package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/**
 * The tests' own laptop before a cluster that somebody names: docs/testing.md. Here that is a
 * sandbox.
 */
@Needs(
        value = {"kubectl", "nft", "ip"},
        sandbox = "to stand for another cluster")
class AnyClusterIT {

    private static final String SHELL =
            """
            unset TP_MANAGER_IMAGE
            from() { java --enable-native-access=ALL-UNNAMED -Dtp.image=$IMAGE -Dtp.kubeconfig=$KUBECONFIG -cp "$CLASSES" tp.dist.OtherLaptop 2>&1; }
            host() { ip -o address; ip route; nft list ruleset; ls /run/netns | grep tp-test; cat /etc/resolv.conf /proc/sys/net/ipv4/ip_forward; }
            """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        laptop.run(
                "export CLASSES='%s' IMAGE='%s' PATH=%s:$PATH"
                        .formatted(
                                System.getProperty("java.class.path"),
                                System.getProperty("tp.image"),
                                Path.of(System.getProperty("java.home"), "bin")));
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void isPreparedAndReachedAndThisMachineIsAsBefore() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(4),
                        SHELL
                                + """
                                from | grep -o 'the cluster has a namespace team-a already'
                                kubectl delete namespace team-a >/dev/null
                                kubectl -n default delete deployments,pods --all >/dev/null
                                host >$T/before
                                from | grep -v ^Picked
                                host | diff $T/before - && echo "as before"
                                kubectl -n default get deployment tcp-echo -o jsonpath='{.spec.template.spec.containers[0].image}'""");

        assertThat(result.output())
                .startsWith("the cluster has a namespace team-a already\nthe cluster of ")
                .contains("to remove them: tp uninstall; tp sandbox samples | kubectl delete -f -")
                .contains("\n<title>\npayroll\nas before\n")
                .endsWith("/eclipse-temurin:25.0.4_7-jre-noble");
    }
}
