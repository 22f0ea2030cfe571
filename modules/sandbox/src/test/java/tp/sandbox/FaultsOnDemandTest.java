package tp.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.sandbox.node.Faults;

/** {@code tp sandbox fault} as it is used, with {@code kubectl} as the witness. */
class FaultsOnDemandTest {

    /** Its program stands for the manager's: who is meant is known by the label. */
    private static final String MANAGER =
            """
            run NAME --image=tp.sandbox/tcp-echo --labels=app.kubernetes.io/name=tp-manager && kubectl wait \
            --for=condition=Ready pod/NAME --timeout=20s""";

    private static SandboxFixture sandbox;

    @BeforeAll
    static void start() throws IOException {
        SandboxFixture.assumeKubectl();
        sandbox = SandboxFixture.start();
    }

    @AfterAll
    static void end() {
        if (sandbox != null) {
            sandbox.end();
        }
    }

    private static void fault(String fault) throws Exception {
        Path root = sandbox.process().root().orElseThrow();
        Faults.set(root, fault);
    }

    private static String kubectl(String arguments) {
        return sandbox.kubectl(arguments).output().strip();
    }

    @ParameterizedTest
    @CsvSource({"kill, 137", "drain, 143"})
    void theManagersProcessEndsAndItsContainerIsStartedAgain(String how, String exit)
            throws Exception {
        assertThat(kubectl(MANAGER.replace("NAME", how))).contains("condition met");
        sandbox.await("its program works", () -> kubectl("logs " + how).contains("echo 7"));

        fault("manager=" + how);

        String status = "get pod %s -o jsonpath='{.status.containerStatuses[0].%s}'";
        sandbox.await(
                "it runs again", () -> kubectl(status.formatted(how, "restartCount")).equals("1"));
        assertThat(kubectl(status.formatted(how, "lastState.terminated.exitCode"))).isEqualTo(exit);
        assertThat(kubectl("delete pod --now " + how)).contains("deleted");
    }

    @Test
    void theApiServerIsAwayAndComesBackByItself() throws Exception {
        assertThat(kubectl("create configmap kept")).contains("created");
        fault("api=restart,2");

        assertThat(kubectl("get configmap kept")).contains("refused");
        sandbox.await("it is back", () -> kubectl("get configmap kept -o name").contains("/kept"));
    }

    @Test
    void theApiServerStandsStillUntilItIsSwitchedOff() throws Exception {
        fault("api=freeze");
        assertThat(kubectl("get ns --request-timeout=1s")).containsPattern("(?i)timeout|deadline");
        fault("api=off");

        assertThat(kubectl("get ns default -o name")).isEqualTo("namespace/default");
    }
}
