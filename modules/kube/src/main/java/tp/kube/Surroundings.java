package tp.kube;

import java.time.Duration;
import java.util.Map;

/**
 * What a cluster takes from the process it runs in.
 *
 * @param environment the variables {@code KUBECONFIG}, {@code HOME} and those of proxies
 * @param connectTimeout for each connection to the API server
 * @param requestTimeout for each answer
 */
record Surroundings(
        Map<String, String> environment,
        Pace pace,
        Duration connectTimeout,
        Duration requestTimeout) {

    /** With one attempt only, an unreachable server is told of within ten seconds. */
    static Surroundings ofProcess() {
        return new Surroundings(
                System.getenv(), Pace.ofSystem(), Duration.ofSeconds(5), Duration.ofSeconds(9));
    }
}
