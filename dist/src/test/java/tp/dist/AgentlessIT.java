package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/**
 * {@code tp connect --agentless}, as somebody who holds only the role that is printed for it, in
 * one namespace, of a cluster without a manager.
 */
@Needs({"kubectl", "dig", "nft", "curl"})
class AgentlessIT {

    private static final String SHELL =
            """
            connect() { tp connect --agentless --kubeconfig $T/agentless "$@"; }
            # What the API server has recorded of this user.
            asked() { grep '"username":"system:serviceaccount:default:agentless"' /run/tp-sandbox/audit.log; }
            forwards() { asked | grep '"verb":"create"' | grep portforward | grep -o "\\"name\\":\\"$1[^\\"]*"; }
            pods() { kubectl get pods -l app=$1 -o name | sort; }
            # Waits until COMMAND says something that matches PATTERN.
            until_says() {
                said=$1; shift
                for i in $(seq 300); do "$@" 2>&1 | grep -q -- "$said" && return; sleep 0.1; done
                echo "never says $said: $("$@" 2>&1 | tail -20)"
            }
            picture() {
                ip -o addr | sed 's/valid_lft.*//'; ip route show table all; ip -6 route show table all | sed 's/expires [^ ]*//'
                ip rule; nft list ruleset; ls -l /etc/resolv.conf; cat /etc/resolv.conf
            }
            """;

    /** Of his own rights, which everybody may ask for. */
    private static final String REVIEW = "\"resource\":\"selfsubjectaccessreviews\"";

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        Laptop.Result made =
                run(
                        """
                        # A cluster that is no sandbox may have a manager, and what is made here.
                        tp uninstall >/dev/null 2>&1; kubectl delete namespace tp-system --ignore-not-found >/dev/null; account agentless || exit
                        tp install --print-rbac --for agentless | kubectl apply -f - >/dev/null || exit
                        kubectl create rolebinding agentless --role=tp-agentless --serviceaccount=default:agentless --dry-run=client -o yaml |
                            kubectl apply -f - >/dev/null || exit
                        kubectl apply -f - >/dev/null <<'END' || exit
                        {apiVersion: v1, kind: Service, metadata: {name: away}, spec: {ports: [{port: 80}]}}
                        ---
                        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: away, labels: {kubernetes.io/service-name: away}}, addressType: IPv4, endpoints: [{addresses: [203.0.113.10]}], ports: [{port: 80}]}
                        ---
                        {apiVersion: v1, kind: Service, metadata: {name: nobody}, spec: {selector: {app: nobody}, ports: [{port: 80}]}}
                        ---
                        {apiVersion: v1, kind: Service, metadata: {name: each}, spec: {clusterIP: None, selector: {app: verylargejavaservice}, ports: [{name: web, port: 8080, targetPort: http}]}}
                        END
                        kubectl get ns tp-system 2>&1""");
        assertThat(made.output()).contains("NotFound");
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @AfterEach
    void quit() throws Exception {
        run("tp quit; nft delete table inet cut");
    }

    private static Laptop.Result run(String script) throws InterruptedException {
        return laptop.run(Duration.ofMinutes(3), Accounts.SHELL + SHELL + script);
    }

    private static void connect(String flags) throws InterruptedException {
        Laptop.Result connected = run("connect " + flags);
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @Test
    void servicesAreReachedByEachOfTheirNamesAndTheHostIsAsBeforeInTheEnd() throws Exception {
        Laptop.Result result =
                run(
                        """
                        picture >$T/before
                        connect --namespace default >/dev/null || exit
                        for name in verylargejavaservice verylargejavaservice.default verylargejavaservice.default.svc.cluster.local each.default; do
                            curl -fsS -m 10 $name:8080 | grep -o '<title>'
                        done
                        tp quit >/dev/null
                        picture >$T/now; diff $T/before $T/now && echo as before""");

        assertThat(result.output().lines())
                .containsExactly("<title>", "<title>", "<title>", "<title>", "as before");
    }

    @Test
    void whatIsLargeComesAndGoesWhole() throws Exception {
        connect("");
        Laptop.Result result =
                run(
                        """
                        curl -fsS -m 100 "verylargedatastore.default:8080/bytes?size=67108864" | sha256sum
                        curl -fsS "verylargedatastore.default:8080/sha256?size=67108864"; echo
                        head -c 67108864 /dev/urandom >$T/large; sha256sum <$T/large
                        curl -fsS -m 100 -T $T/large verylargedatastore.default:8080/upload""");

        List<String> sums =
                result.output()
                        .lines()
                        .map(line -> line.replaceFirst("[^0-9a-f].*", ""))
                        .filter(line -> !line.isBlank())
                        .toList();
        assertThat(sums).as(result.output()).hasSize(4);
        assertThat(sums.get(0)).hasSize(64).isEqualTo(sums.get(1));
        assertThat(sums.get(2)).hasSize(64).isEqualTo(sums.get(3));
    }

    @Needs(sandbox = "its record of requests")
    @Test
    void manyConnectionsToOnePodAreOneWebsocket() throws Exception {
        connect("");
        Laptop.Result result =
                run(
                        """
                        before=$(forwards tcp-echo | wc -l)
                        $PROBE echoes tcp-echo.default 7 200
                        tp status -o json | grep -o '"open_flows":[0-9]*'
                        echo $(($(forwards tcp-echo | wc -l) - before)) websocket""");

        assertThat(result.output()).contains("200 of 200 right", "\n1 websocket");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "connect tcp-echo.default 7, connected",
        "connect tcp-echo.default 9, Connection refused",
        "connect $POD 9, Connection refused",
        "connect $POD 7, connected",
        "connect nobody.default 80, Connection refused",
        "half-close tcp-echo.default 7, whole answer",
        "read-to-end tcp-echo.default 7001, Connection reset",
    })
    void theNetworkTellsTheTruth(String probe, String expected) throws Exception {
        connect("");
        assertThat(
                        run("POD=$(kubectl get pods -l app=tcp-echo -o jsonpath='{.items[0].status.podIP}'); $PROBE "
                                        + probe)
                                .output())
                .contains(expected);
    }

    /** Turns are taken, and one that is gone is left out though it was used a moment ago. */
    @Needs(sandbox = "its record of requests")
    @Test
    void aPodThatIsDeletedIsFollowedByAnother() throws Exception {
        connect("");
        Laptop.Result result =
                run(
                        """
                        kubectl scale deployment tcp-echo --replicas=2 >/dev/null
                        kubectl rollout status deployment tcp-echo --timeout=60s >/dev/null || exit
                        address=$(getent ahostsv4 tcp-echo.default | sed 's/ .*//;q')
                        until [ $(forwards tcp-echo | sort -u | wc -l) -ge 2 ]; do $PROBE connect $address 7 >/dev/null; done
                        $PROBE hold $address 7 idle >$T/held1 2>&1 & one=$!
                        $PROBE hold $address 7 idle >$T/held2 2>&1 & two=$!
                        until_says going cat $T/held1; until_says going cat $T/held2
                        kubectl delete --now $(pods tcp-echo | head -1) >/dev/null
                        for i in 1 2 3 4; do $PROBE connect $address 7; done
                        until_says ' at ' cat $T/held1 $T/held2; grep -h ' at ' $T/held1 $T/held2 | wc -l
                        kill $one $two 2>/dev/null
                        kubectl scale deployment tcp-echo --replicas=1 >/dev/null""");

        assertThat(result.output().lines())
                .as(result.output())
                .containsExactly("connected", "connected", "connected", "connected", "1");
    }

    @Test
    void whatItCannotDoIsRefusedAndStatusSaysWhy() throws Exception {
        connect("");
        Laptop.Result result =
                run(
                        """
                        $PROBE udp udp-echo.default 7 1200
                        $PROBE connect away.default 80
                        $PROBE connect kubernetes.default 443
                        ping -c 1 -W 3 tcp-echo.default | grep -o prohibited
                        dig +noall +comments outside.default.svc.cluster.local | grep -E 'status|EDE'
                        tp status""");

        List<String> lines = result.output().lines().toList();
        assertThat(lines.get(0)).contains("echoed, then").doesNotContain("Timeout");
        assertThat(lines.get(1)).contains("Exception").doesNotContain("timed out");
        assertThat(lines.get(2)).contains("Exception").doesNotContain("timed out");
        assertThat(lines.get(3)).contains("prohibited");
        assertThat(lines.get(4)).contains("status: REFUSED");
        assertThat(result.output())
                .contains("needs the manager", "Mapped namespaces : default")
                .containsPattern("Manager +: none \\(agentless\\)")
                .containsPattern("Cannot +: UDP; ping; ")
                .containsPattern("Refused +: udp [0-9.]+:7: UDP needs the manager")
                .containsPattern("away.default:80 leads to 203.0.113.10, which is no pod");
    }

    /** Nothing that it asks for is missing in the role, and nothing in that is for nothing. */
    @Needs(sandbox = "its record of requests")
    @Test
    void itUsesEachRightOfItsRoleAndNoOther() throws Exception {
        Laptop.Result result =
                run(
                        """
                        before=$(asked | wc -l)
                        connect -- curl -fsS -m 10 verylargejavaservice.default:8080 2>&1 | grep -o '<title>'
                        kubectl get role tp-agentless -o go-template='{{range .rules}}{{$r := .}}{{range .resources}}{{$what := .}}{{range $r.verbs}}may {{.}} {{$what}}{{"\\n"}}{{end}}{{end}}{{end}}'
                        asked | tail -n +$((before + 1))""");

        Set<String> granted = new TreeSet<>();
        Set<String> used = new TreeSet<>();
        for (String line : result.output().lines().toList()) {
            if (line.startsWith("may ")) {
                granted.add(line.substring("may ".length()));
            } else if (line.contains("\"objectRef\"") && !line.contains(REVIEW)) {
                String subresource = AuditEvent.value(line, "subresource");
                assertThat(AuditEvent.value(line, "namespace")).as(line).isEqualTo("default");
                used.add(
                        AuditEvent.value(line, "verb")
                                + " "
                                + AuditEvent.value(line, "resource")
                                + (subresource.isEmpty() ? "" : "/" + subresource));
            }
        }
        assertThat(result.output()).startsWith("<title>").doesNotContain("\"forbid\"");
        assertThat(used).isEqualTo(granted).hasSize(8);
    }

    /** While nothing is known names fail, and none is said not to exist. */
    @Test
    void anApiServerThatIsAwayIsToldOfAndComesBack() throws Exception {
        connect("");
        Laptop.Result result =
                run(
                        """
                        address=$(getent ahostsv4 tcp-echo.default | sed 's/ .*//;q')
                        port=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}' | sed 's#^https://[^/]*:##; s#/.*##')
                        sed "s/PORT/$port/" <<'END' | nft -f -
                        table inet cut {
                            chain output {
                                type filter hook output priority 0
                                tcp dport PORT drop
                            }
                        }
                        END
                        until_says reconnecting tp status -o json
                        dig +noall +comments nope.default.svc.cluster.local | grep -o 'status: [A-Z]*'
                        dig +noall +comments tcp-echo.default.svc.cluster.local | grep -o 'status: [A-Z]*'
                        $PROBE connect $address 7
                        tp status | grep -c 'No link'
                        nft delete table inet cut
                        until_says '"connected"' tp status -o json
                        dig +noall +comments nope.default.svc.cluster.local | grep -o 'status: [A-Z]*'
                        $PROBE connect tcp-echo.default 7""");

        List<String> lines = result.output().lines().toList();
        assertThat(lines).as(result.output()).hasSize(6);
        assertThat(lines.subList(0, 2)).containsOnly("status: SERVFAIL");
        assertThat(lines.get(2)).containsIgnoringCase("unreachable");
        assertThat(lines.subList(3, 6)).containsExactly("1", "status: NXDOMAIN", "connected");
    }

    @Test
    void aNewServiceIsThereAtOnceAndOneThatIsDeletedIsNot() throws Exception {
        connect("");
        Laptop.Result result =
                run(
                        """
                        kubectl expose deployment verylargejavaservice --name fresh --port 80 --target-port http >/dev/null
                        until_says '<title>' curl -sS -m 5 fresh.default
                        curl -fsS -m 5 fresh.default | grep -o '<title>'
                        kubectl delete service fresh >/dev/null
                        until_says NXDOMAIN dig fresh.default.svc.cluster.local""");

        assertThat(result.output()).isEqualTo("<title>");
    }

    @Needs(sandbox = "its ranges")
    @Test
    void whereTheHostHasARouteServicesAnswerByName() throws Exception {
        Laptop.Result result =
                run(
                        """
                        ip link add near0 type veth peer name near1; ip link set near0 up; ip link set near1 up
                        ip address add 192.168.200.1/32 dev near0; ip route add 10.96.0.0/16 dev near0
                        connect >/dev/null || exit
                        dig +short verylargejavaservice.default A
                        curl -4 -fsS -m 10 verylargejavaservice.default:8080 | grep -o '<title>'
                        tp quit >/dev/null; ip link delete near0""");

        assertThat(result.output()).matches("198\\.1[89]\\.[0-9.]+\n<title>");
    }

    /** The other namespace needs its own role. */
    @Test
    void aNamespaceThatIsNotAllowedIsNamedWithTheRightThatIsMissing() throws Exception {
        Laptop.Result refused = run("connect --mapped-namespaces default,team-a 2>&1 | tail -1");

        assertThat(refused.output())
                .contains(
                        "not allowed to list and watch the",
                        "of namespace team-a",
                        "tp install --print-rbac --for agentless");
    }

    @Test
    void aMappingIsChangedWhileItRuns() throws Exception {
        Laptop.Result result =
                run(
                        """
                        tp connect --agentless >/dev/null || exit
                        tp connect --mapped-namespaces default,team-a | tail -1 | sed 's/ to .*//'
                        curl -fsS -m 10 payroll.team-a:8080 >/dev/null && echo reached
                        tp connect --mapped-namespaces default >/dev/null
                        curl -sS -m 10 payroll.team-a:8080 2>&1 | grep -o 'Could not resolve'
                        tp connect --mapped-namespaces all 2>&1 | tail -1""");

        assertThat(result.output().lines())
                .containsExactly(
                        "Mapping changed, connected",
                        "reached",
                        "Could not resolve",
                        "tp: without a manager the namespaces have to be named; name them with"
                                + " --mapped-namespaces");
    }

    @Test
    void itGoesWithoutRootForOneProgram() throws Exception {
        Laptop.Result result =
                run(
                        """
                        picture >$T/before
                        connect --rootless -- curl -fsS -m 10 verylargejavaservice.default:8080 2>&1 | grep -o '<title>'
                        picture >$T/now; diff $T/before $T/now && echo as before""");

        assertThat(result.output()).isEqualTo("<title>\nas before");
    }

    @Test
    void theWordsOfTransportsAndOfItExcludeEachOther() throws Exception {
        Laptop.Result result = run("connect --transport quic");

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.output()).contains("--agentless needs no manager", "leave out one");
    }

    @Test
    void whereNothingMayBeInstalledItIsOffered() throws Exception {
        Laptop.Result result =
                run(
                        """
                        account nobody
                        tp connect --kubeconfig $T/nobody 2>&1 | tail -1
                        row() { tp doctor --kubeconfig $T/nobody | grep -E '^[a-z]+ +agentless '; }
                        row
                        kubectl create rolebinding nobody --role=tp-agentless --serviceaccount=default:nobody >/dev/null
                        row""");

        List<String> lines = result.output().lines().toList();
        assertThat(lines).as(result.output()).hasSize(3);
        assertThat(lines.get(0)).contains("tp connect --agentless");
        assertThat(lines.get(1))
                .startsWith("care ")
                .contains(
                        "list on services in default, watch on services in default",
                        "create on pods/portforward in default is missing",
                        "--for agentless --namespaces default");
        assertThat(lines.get(2))
                .startsWith("works ")
                .contains("`tp connect --agentless` reaches Services and pods of default");
    }
}
