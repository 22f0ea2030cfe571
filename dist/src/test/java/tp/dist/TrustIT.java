package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * Whoever reaches the manager's port in the cluster gets no flow without a token for this manager,
 * and none beyond what that token's account may reach; and a client gives nothing to a manager with
 * another key.
 */
@Needs("kubectl")
class TrustIT {

    private static final String SHELL =
            """
            uid=$(kubectl -n tp-system get cm tp-manager-info -o jsonpath='{.data.uid}')
            pin=$(kubectl -n tp-system get cm tp-manager-info -o jsonpath='{.data.spki-sha256}')
            peer() { java=$1; shift; $java --enable-native-access=ALL-UNNAMED -cp "$PEER_PATH" tp.dist.Peer 18443 "$@" 2>&1; }
            token() { kubectl -n tp-system create token tp-client --audience "$1"; }
            lines() { kubectl -n tp-system logs deploy/tp-manager -c manager | grep -c "refused a session.*$1"; }
            # A client that turns away ends before the manager knows of it.
            refusals() {
                for i in $(seq 50); do [ "$(lines "$1")" = 0 ] || break; sleep 0.1; done
                lines "$1"
            }
            """;

    private static Laptop laptop;
    private static String java;

    @BeforeAll
    static void start() throws Exception {
        java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        laptop = Laptop.start();
        laptop.run("export PEER_PATH='" + System.getProperty("java.class.path") + "'");
        assertThat(laptop.run("tp connect && tp quit").exit()).isZero();
        Laptop.Result forwarded =
                laptop.run(
                        """
                        kubectl -n tp-system port-forward deploy/tp-manager 18443:8443 >$T/forward 2>&1 &
                        until grep -qs Forwarding $T/forward; do kill -0 $! || exit 1; sleep 0.1; done
                        """);
        assertThat(forwarded.exit()).as(forwarded.output()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void theRightTokenAndTheRightKeyOpenASession() throws Exception {
        String echo = ip("default", "app=tcp-echo") + ":7";

        assertThat(peer("token tp-manager/$uid", "$pin", "*", echo))
                .contains("welcome to default,", echo + " ESTABLISHED");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "no token, true, no token",
        "no token of Kubernetes, echo garbage, none of a service account",
        "for the API server, token https://kubernetes.default.svc, not for the audience",
        "for another manager, token tp-manager/00000000-0000-0000-0000-000000000000, not for the audience",
        "with its signature changed, token tp-manager/$uid | sed 's/\\.[^.]\\{8\\}\\([^.]*\\)$/.AAAAAAAA\\1/', invalid bearer token",
    })
    void anotherTokenIsRefusedAndLoggedOnce(String name, String token, String reason)
            throws Exception {
        String twice = peer(token, "$pin", "*") + "\n" + peer(token, "$pin", "*");

        assertThat(twice.lines().filter(line -> line.startsWith("refused: "))).hasSize(2);
        assertThat(twice).as(name).contains(reason).doesNotContain("welcome");
        assertThat(laptop.run(SHELL + "refusals '" + reason + "'").output()).isEqualTo("1");
    }

    @Test
    void anotherKeyIsRefusedBeforeTheTokenIsShown() throws Exception {
        String otherPin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

        assertThat(peer("token tp-manager/$uid", otherPin, "*"))
                .startsWith("refused: ")
                .contains("key")
                .doesNotContain("welcome");
        assertThat(laptop.run(SHELL + "refusals certificate_unknown").output()).isEqualTo("1");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "noise, head -c 300000 /dev/urandom | curl -sS -m 5 telnet://127.0.0.1:18443, not speak TLS",
        "plain HTTP, curl -sS -m 5 http://127.0.0.1:18443/, not speak TLS",
        "TLS 1.2, curl -k -sS -m 5 --tls-max 1.2 https://127.0.0.1:18443/, no TLS session.*TLSv1.2",
        "HTTP/1.1 in TLS, curl -k -sS -m 5 --http1.1 https://127.0.0.1:18443/, not speak HTTP/2",
        "half a message, curl -k -sS -m 5 --http2 -d x https://127.0.0.1:18443/tp/1/stream, not speak tp's protocol",
        "an unknown path, curl -k -sS -m 5 --http2 -d x https://127.0.0.1:18443/metrics, not speak tp's protocol",
        "no message, head -c 99 /dev/zero | curl -k -sS -m 5 --http2 --data-binary @- https://127.0.0.1:18443/tp/1/stream, not speak tp's protocol",
        "a hello of 16 MiB, printf '\\020\\377\\377\\377' | curl -k -sS -m 5 --http2 --data-binary @- https://127.0.0.1:18443/tp/1/stream, not speak tp's protocol",
    })
    void otherTalkIsNotAnsweredAndLoggedOnce(String talk, String command, String reason)
            throws Exception {
        for (int i = 0; i < 3; i++) {
            laptop.run(command + " >$T/said 2>$T/error");
        }
        Laptop.Result said = laptop.run("wc -c <$T/said");

        // A TLS alert is all that anybody gets who does not belong here.
        assertThat(Integer.parseInt(said.output())).as(talk).isLessThan(100);
        assertThat(laptop.run(SHELL + "refusals \"" + reason + "\"").output())
                .as(talk)
                .isEqualTo("1");
        assertThat(
                        laptop.run(
                                        "kubectl -n tp-system get pods -o jsonpath='{.items[0].status.containerStatuses[0].restartCount}'")
                                .output())
                .isEqualTo("0");
        assertThat(peer("token tp-manager/$uid", "$pin", "*")).contains("welcome to default,");
    }

    @Test
    void connectRefusesAManagerWithAnotherKeyAndChangesNothing() throws Exception {
        Laptop.Result connected =
                laptop.run(
                        SHELL
                                + """
                                kubectl -n tp-system patch cm tp-manager-info --type merge -p '{"data":{"spki-sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}' >/dev/null
                                before=$(ip -o addr; ip route; cat /etc/resolv.conf)
                                tp connect; code=$?
                                [ "$before" = "$(ip -o addr; ip route; cat /etc/resolv.conf)" ] && echo "as before"
                                kubectl -n tp-system patch cm tp-manager-info --type merge -p "{\\"data\\":{\\"spki-sha256\\":\\"$pin\\"}}" >/dev/null
                                exit $code""");

        assertThat(connected.output()).contains("key", "as before").doesNotContain("Exception");
        assertThat(connected.exit()).isEqualTo(1);
    }

    /** The client's own mapping is a convenience; what counts is what the manager allows. */
    @Test
    void aChangedClientReachesNoMoreThanItsAccountMay() throws Exception {
        String payroll = ip("team-a", "app=payroll") + ":8080";
        String service =
                laptop.run("kubectl -n team-a get svc payroll -o jsonpath='{.spec.clusterIP}'")
                                .output()
                        + ":8080";
        String api = "10.96.0.1:443";
        String name = "payroll.team-a.svc.cluster.local";
        String manager = "127.0.0.1:8443";

        assertThat(peer("token tp-manager/$uid", "$pin", "team-a", payroll, service, name))
                .contains(payroll + " ESTABLISHED", service + " ESTABLISHED", name + " answered 0");
        assertThat(
                        peer(
                                "token tp-manager/$uid",
                                "$pin",
                                "default",
                                payroll,
                                service,
                                name,
                                manager))
                .contains(
                        payroll + " PROHIBITED",
                        service + " PROHIBITED",
                        name + " answered 5",
                        manager + " PROHIBITED");

        assertThat(laptop.run(ONLY_DEFAULT).exit()).isZero();
        try {
            awaitGrant("welcome to default\n");
            assertThat(peer("token tp-manager/$uid", "$pin", "*", payroll, service, name, api))
                    .contains("welcome to default\n")
                    .contains(payroll + " PROHIBITED", service + " PROHIBITED")
                    .contains(name + " answered 5");
            assertThat(peer("token tp-manager/$uid", "$pin", "team-a"))
                    .contains("refused: ", "may not connect to team-a");
        } finally {
            laptop.run(EVERYWHERE);
            awaitGrant("team-a");
        }
    }

    /** A verdict of the API server holds for a few seconds. */
    private static void awaitGrant(String words) throws InterruptedException {
        String said = "";
        for (int i = 0; i < 30 && !said.contains(words); i++) {
            said = peer("token tp-manager/$uid", "$pin", "*") + "\n";
        }
        assertThat(said).contains(words);
    }

    /** Each has an account of their own, and rights where the other has none. */
    @Test
    void oneUserReachesNothingOfAnotherWhateverTheirClientAsksFor() throws Exception {
        assertThat(laptop.run(TWO_USERS).exit()).isZero();
        String echo = ip("default", "app=tcp-echo") + ":7";
        String echoName = "tcp-echo.default.svc.cluster.local";
        String payroll = ip("team-a", "app=payroll") + ":8080";
        String payrollName = "payroll.team-a.svc.cluster.local";
        String[] all = {echo, echoName, payroll, payrollName};

        for (String asked : new String[] {"*", "default,team-a", "default"}) {
            assertThat(peer(account("alice"), "$pin", asked, all))
                    .as(asked)
                    .contains("welcome to default\n", echo + " ESTABLISHED")
                    .contains(echoName + " answered 0")
                    .contains(payroll + " PROHIBITED", payrollName + " answered 5");
        }
        assertThat(peer(account("bob"), "$pin", "*", all))
                .contains("welcome to team-a\n", payroll + " ESTABLISHED")
                .contains(payrollName + " answered 0")
                .contains(echo + " PROHIBITED", echoName + " answered 5");

        // Nor does a mapping that is changed later.
        assertThat(
                        peer(
                                account("alice"),
                                "$pin",
                                "default",
                                "remap=team-a",
                                payroll,
                                "remap=*",
                                payroll,
                                payrollName,
                                echo))
                .contains("remap=team-a refused: ", "may not connect to team-a")
                .contains("remap=* welcome to default\n")
                .contains(payroll + " PROHIBITED", payrollName + " answered 5")
                .contains(echo + " ESTABLISHED");
        assertThat(peer(account("alice"), "$pin", "team-a"))
                .contains("refused: ", "may not connect to team-a");
    }

    private static final String TWO_USERS =
            """
            account() {
                kubectl -n tp-system create serviceaccount tp-client-$1 &&
                kubectl -n $2 create rolebinding tp-connect-$1 --clusterrole=tp-connect --serviceaccount=tp-system:tp-client-$1
            }
            account alice default && account bob team-a
            """;

    /** {@return a script that prints a token of that user's account} */
    private static String account(String user) {
        return "kubectl -n tp-system create token tp-client-"
                + user
                + " --audience tp-manager/$uid";
    }

    private static final String ONLY_DEFAULT =
            """
            kubectl get clusterrolebinding tp-connect -o yaml >$T/everywhere.yaml &&
            kubectl delete clusterrolebinding tp-connect &&
            kubectl -n default create rolebinding tp-connect --clusterrole=tp-connect --serviceaccount=tp-system:tp-client
            """;
    private static final String EVERYWHERE =
            "kubectl -n default delete rolebinding tp-connect; kubectl apply -f $T/everywhere.yaml";

    private static String ip(String namespace, String label) throws InterruptedException {
        return laptop.run(
                        "kubectl -n %s get pods -l %s -o jsonpath='{.items[0].status.podIP}'"
                                .formatted(namespace, label))
                .output();
    }

    /**
     * @param token a shell command that prints the token to show
     */
    private static String peer(String token, String pin, String namespaces, String... targets)
            throws InterruptedException {
        return laptop.run(
                        Duration.ofSeconds(40),
                        SHELL
                                + "%s | peer %s \"%s\" '%s' %s"
                                        .formatted(
                                                token,
                                                java,
                                                pin,
                                                namespaces,
                                                String.join(" ", targets)))
                .output();
    }
}
