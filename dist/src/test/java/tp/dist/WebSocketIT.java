package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** Transport {@code websocket}: by the API server's proxy, and by one that ends TLS. */
@Needs("kubectl")
class WebSocketIT {

    private static final String PAGE = "curl -fsS -m 10 verylargejavaservice.default:8080";
    private static final String PROXIED =
            "/api/v1/namespaces/tp-system/services/https:tp-manager:websocket/proxy";

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        good("tp connect -- true");
        good("export PROXY='" + Laptop.java(TlsEndingProxy.class) + "'");
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @AfterEach
    void quit() throws Exception {
        laptop.run("tp quit");
    }

    @Test
    void thePageComesThroughTheApiServersProxy() throws Exception {
        good("tp connect --transport=websocket");

        assertThat(good(PAGE)).contains("<title>");
        assertThat(good("tp status")).containsPattern("Transport +: websocket");
    }

    /** The Role's one right for this way, and none to forward a port. */
    @Test
    void theRightToGetTheProxyIsEnoughAndItsLackIsNamed() throws Exception {
        good(
                Accounts.SHELL
                        + """
                account someone
                kubectl -n tp-system get role tp-user -o json | sed '/pods.portforward/s/portforward/nothing/' |
                    sed 's/"name": "tp-user"/"name": "no-forward"/' | kubectl apply -f -
                kubectl -n tp-system create rolebinding someone --role=no-forward --serviceaccount=default:someone
                """);
        String connect = "tp connect --kubeconfig $T/someone --transport=";

        assertThat(good(connect + "websocket -- " + PAGE)).contains("<title>");
        assertThat(laptop.run(connect + "port-forward -- true").output())
                .contains("get and create on pods/portforward are needed");
        good(
                "kubectl -n tp-system patch role no-forward --type=json -p"
                        + " '[{\"op\":\"remove\",\"path\":\"/rules/4\"}]'");
        assertThat(laptop.run(connect + "websocket -- true").output())
                .contains("the API server refused to open " + PROXIED + "/tp (403)");
        good("kubectl -n tp-system delete role/no-forward rolebinding/someone");
    }

    @Test
    void whatIsNoWebSocketIsAnHttpError() throws Exception {
        assertThat(laptop.run("kubectl get --raw " + PROXIED + "/tp").output()).contains("426");
        assertThat(laptop.run("kubectl get --raw " + PROXIED + "/").output())
                .containsAnyOf("404", "could not find the requested resource");
        assertThat(laptop.run("kubectl get --raw " + PROXIED.replace("tp-manager", "x")).output())
                .contains("services \"x\" not found");
    }

    /** Show of the issue: the one in the middle has ended TLS, and has TLS in his hands. */
    @Test
    void whoEndsTheOuterTlsSeesCiphertextOnly() throws Exception {
        good(
                """
                mkdir $T/seen
                %s -genkeypair -alias x -keyalg EC -groupname secp256r1 -dname CN=ingress \
                    -storetype PKCS12 -keystore $T/ingress -storepass testing
                kubectl -n tp-system port-forward svc/tp-manager 18445:8445 >$T/forward 2>&1 &
                echo $! >$T/forward.pid
                $PROXY serve 18443 18445 $T/ingress $T/seen >$T/proxy 2>&1 &
                echo $! >$T/proxy.pid
                curl -sko /dev/null --retry 20 --retry-all-errors --retry-delay 1 https://localhost:18443/
                rm $T/seen/*
                """
                        .formatted(Path.of(System.getProperty("java.home"), "bin", "keytool")));
        try {
            good("tp connect --transport=websocket --endpoint wss://localhost:18443/some/tp");
            assertThat(good("tp status --output json")).contains("wss://localhost:18443/some/tp");
            assertThat(good(PAGE + " -H 'X-Marker: marker-7f3a'")).contains("<title>");

            String up = good("$PROXY read $T/seen/up*");
            String down = good("$PROXY read $T/seen/down*");
            System.out.println("through the proxy: " + up + "; " + down);
            assertThat(up).startsWith("GET /some/tp HTTP/1.1 {frame-82=").contains("record-23=");
            assertThat(down).startsWith("HTTP/1.1 101").contains("record-23=");
            assertThat(laptop.run("grep -rlaE 'marker-7f3a|<title>|eyJ|cluster.local' $T/seen"))
                    .extracting(Laptop.Result::output)
                    .isEqualTo("");
            assertThat(good("grep -la tp.v1 $T/seen/up*")).as("grep sees").isNotEmpty();
        } finally {
            laptop.run("tp quit; kill $(cat $T/forward.pid $T/proxy.pid)");
        }
    }

    private static String good(String script) throws InterruptedException {
        Laptop.Result result = laptop.run(script);
        assertThat(result.exit()).as(script + "\n" + result.output()).isZero();
        return result.output();
    }
}
