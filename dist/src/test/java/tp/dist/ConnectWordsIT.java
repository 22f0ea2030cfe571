package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** What connect says is true when it says it. */
@Needs("kubectl")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConnectWordsIT {

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
    @Order(1)
    void eachStepIsALineOfItsOwnWhereThereIsNoTerminal() throws Exception {
        Laptop.Result result = laptop.run("tp connect 2>/dev/null; tp quit");

        assertThat(result.output())
                .containsSubsequence(
                        "Launching tp daemon",
                        "Reaching the cluster ...\n",
                        "Looking for the manager in context sandbox ...\n",
                        "There is no manager; asking whether you may install it ...\n",
                        "Installing the manager ...\n",
                        "applied Deployment tp-manager\n",
                        "pod tp-manager-",
                        "Connecting to the manager ",
                        "Setting up this machine's network ...\n",
                        "Connected to context sandbox, namespace default (https://",
                        "tp daemon quitting...done")
                .doesNotContain("\r", "\u001b");
    }

    @ParameterizedTest(name = "{0}")
    @Order(2)
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --mapped-namespaces=default,team-a |
                    --mapped-namespaces=default,nope   | tp: warning: namespace 'nope' does not exist in this cluster; its names are known as soon as it does
                    --namespace=nope                   | tp: warning: namespace 'nope' does not exist in this cluster; connect again when it does
                    """)
    void aNamespaceThatIsNotThereIsWarnedOf(String flags, String warning) throws Exception {
        Laptop.Result result =
                laptop.run(
                        "tp connect " + flags + " 2>&1 >/dev/null | grep ^tp:; tp quit >/dev/null");

        assertThat(result.output()).isEqualTo(warning == null ? "" : warning);
    }

    @Test
    @Order(3)
    void theNamesOfANamespaceAreKnownAsSoonAsItIs() throws Exception {
        Laptop.Result result =
                laptop.run(
                        """
                        tp connect --mapped-namespaces=late 2>&1 | grep -c 'not exist'
                        kubectl create namespace late >/dev/null
                        kubectl -n late create service clusterip web --tcp=80 >/dev/null
                        for i in $(seq 100); do
                            getent hosts web.late >/dev/null && echo known && break
                            sleep 0.1
                        done
                        tp quit >/dev/null""");

        assertThat(result.output()).isEqualTo("1\nknown");
    }

    @Test
    @Order(4)
    void whoConnectsWhileTheLinkIsAwayIsToldSoAndGetsItOnceItIsBack() throws Exception {
        String scale =
                "kubectl -n tp-system scale deployment tp-manager --replicas=%d >/dev/null\n";
        String until =
                "until tp status -o json | grep -q '\"status\":\"%s\"'; do sleep 0.1; done\n";
        String gone =
                "tp connect >/dev/null 2>&1\n"
                        + scale.formatted(0)
                        + until.formatted("reconnecting")
                        + "tp connect; echo \"exit $?\"";
        assertThat(laptop.run(Duration.ofMinutes(1), gone).output())
                .matches(
                        "(?s)The link is lost \\(.+\\), waiting for it to come back ...\n"
                                + "tp: the session with context sandbox has lost its link and not"
                                + " got it back yet: [^\n]+; tp goes on trying, see `tp status`;"
                                + " to end it, run `tp quit`\nexit 1");

        String back = scale.formatted(1) + until.formatted("connected") + "tp connect; tp quit";
        assertThat(laptop.run(Duration.ofMinutes(1), back).output())
                .startsWith("Already connected to context sandbox, namespace default");
    }
}
