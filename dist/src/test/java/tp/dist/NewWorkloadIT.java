package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/**
 * What somebody else deploys with kubectl, under names and ports that no code here knows, is
 * reached by name, while tp is connected or before.
 */
@Needs("kubectl")
class NewWorkloadIT {

    /** In a cluster that is no sandbox the port is among the words of the command. */
    private static final String DEPLOY =
            Shell.COPY_SAMPLE
                    + """
                    arguments='"args":["PORT","application/json","dataprocessingservice.json"]'
                    copy_sample dataprocessingservice NAMESPACE NAME "s/3000/PORT/g; s#\\"image\\":\\"tp.sandbox/[^\\"]*\\"#&,$arguments#" &&
                        kubectl -n NAMESPACE scale deployment/NAME --replicas=2 &&
                        kubectl -n NAMESPACE expose deployment NAME --port=80 --target-port=http &&
                        kubectl -n NAMESPACE rollout status deployment/NAME --timeout=30s &&
                        kubectl -n NAMESPACE wait pod -l app=NAME --for=condition=Ready --timeout=5s
                    """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void isReachedByNameWhetherItCameBeforeOrAfterTheConnect() throws Exception {
        String before = name();
        String after = name();
        deploy(before, "default");
        assertThat(laptop.run("tp connect").exit()).isZero();

        assertReached(before + ".default");
        succeed("kubectl create namespace " + after);
        deploy(after, after);
        for (String suffix : new String[] {"", ".svc", ".svc.cluster.local"}) {
            assertReached(after + "." + after + suffix);
        }

        succeed("kubectl delete service -n default " + before);
        // The name may be remembered for its time to live.
        succeed(
                "until curl -sS %s.default 2>&1 | grep 'not resolve'; do sleep 0.2; done"
                        .formatted(before));
        assertThat(laptop.run("tp quit").exit()).isZero();
        succeed("kubectl delete -n default deployment " + before);
        succeed("kubectl delete namespace " + after);
    }

    private static void deploy(String name, String namespace) throws InterruptedException {
        int port = ThreadLocalRandom.current().nextInt(9000, 20_000);
        succeed(
                DEPLOY.replace("NAMESPACE", namespace)
                        .replace("NAME", name)
                        .replace("PORT", Integer.toString(port)));
    }

    private static void assertReached(String host) throws InterruptedException {
        Laptop.Result said = laptop.run("curl -fsS -m 10 " + host);

        assertThat(said.output()).as(host).startsWith("{");
        assertThat(said.exit()).as(host).isZero();
    }

    private static void succeed(String script) throws InterruptedException {
        Laptop.Result result = laptop.run(script);
        assertThat(result.exit()).as(result.output()).isZero();
    }

    private static String name() {
        return String.format(Locale.ROOT, "w%08x", ThreadLocalRandom.current().nextInt());
    }
}
