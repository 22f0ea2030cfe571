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
@Needs(value = "kubectl", sandbox = "an image that it has")
class NewWorkloadIT {

    private static final String MANIFEST =
            """
            kubectl apply -n NAMESPACE -f - <<'YAML'
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: NAME }
            spec:
              replicas: 2
              selector: { matchLabels: { app: NAME } }
              template:
                metadata: { labels: { app: NAME } }
                spec:
                  containers:
                    - name: main
                      image: tp.sandbox/dataprocessingservice:latest
                      args: ["PORT", application/json, dataprocessingservice.json]
                      ports: [{ name: web, containerPort: PORT }]
                      readinessProbe: { httpGet: { path: /, port: web }, periodSeconds: 1 }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: NAME }
            spec: { selector: { app: NAME }, ports: [{ port: 80, targetPort: web }] }
            YAML
            kubectl rollout status -n NAMESPACE deployment/NAME --timeout=30s &&
                kubectl wait -n NAMESPACE pod -l app=NAME --for=condition=Ready --timeout=5s
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
    }

    private static void deploy(String name, String namespace) throws InterruptedException {
        int port = ThreadLocalRandom.current().nextInt(9000, 20_000);
        succeed(
                MANIFEST.replace("NAMESPACE", namespace)
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
