package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tp.testkit.laptop.Laptop;

/** What is mapped, under which names, and that it can be changed while it is in use. */
@Needs("kubectl")
class MappingIT {

    private static final String ECHO_IN_AWAY =
            Shell.COPY_SAMPLE
                    + """
                    kubectl create namespace away >/dev/null
                    copy_sample tcp-echo away echo && kubectl -n away expose deployment echo --port=7 --target-port=echo >/dev/null
                    """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        Laptop.Result made = laptop.run(Duration.ofMinutes(2), ECHO_IN_AWAY);
        assertThat(made.exit()).as(made.output()).isZero();
    }

    @AfterEach
    void quit() throws Exception {
        laptop.run("tp quit");
    }

    @AfterAll
    static void stop() throws Exception {
        laptop.run(Duration.ofMinutes(1), "kubectl delete namespace away");
        laptop.close();
    }

    /** One flow is of a namespace that goes, one of a namespace that stays. */
    @Test
    void aMappingThatIsChangedHoldsForOpenFlowsToo() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        """
                        tp connect --mapped-namespaces default,away >/dev/null || exit
                        size=20000000
                        curl -fsS -m 90 --limit-rate 4M "verylargedatastore.default:8080/bytes?size=$size" 2>$T/error | sha256sum >$T/sum & stays=$!
                        $PROBE hold echo.away 7 idle >$T/goes & goes=$!
                        until grep -qs going $T/goes; do kill -0 $goes || exit; sleep 0.1; done
                        kill -0 $goes $stays && echo both are open
                        tp connect --mapped-namespaces default | tail -1 | cut -d' ' -f1-2
                        kill -0 $stays && echo one goes on
                        wait $goes; sed -n 's/ at .*//; $p' $T/goes
                        getent hosts echo.away || echo no name
                        getent hosts echo.away.svc.cluster.local || echo no full name
                        tp status -o json | grep -o '"mapped_namespaces":[^]]*]'
                        wait $stays; cat $T/error
                        [ "$(cut -c1-64 $T/sum)" = "$(curl -fsS "verylargedatastore.default:8080/sha256?size=$size" | cut -c1-64)" ] && echo whole
                        tp connect --mapped-namespaces default | tail -1 | cut -d' ' -f1-2
                        tp connect --mapped-namespaces all | tail -1 | cut -d' ' -f1-2
                        $PROBE connect echo.away 7
                        tp status -o json | grep -o '"reconnects":[0-9]*'
                        """);

        assertThat(result.output().lines())
                .containsExactly(
                        "both are open",
                        "Mapping changed,",
                        "one goes on",
                        "Connection reset",
                        "no name",
                        "no full name",
                        "\"mapped_namespaces\":[\"default\"]",
                        "whole",
                        "Already connected",
                        "Mapping changed,",
                        "connected",
                        "\"reconnects\":0");
    }

    @Test
    void theNextLinkHasTheMappingThatHoldsNow() throws Exception {
        Laptop.Result result =
                laptop.run(
                        Duration.ofMinutes(2),
                        """
                        becomes() { while ! tp status -o json | grep -q "\\"status\\":\\"$1\\""; do sleep 0.1; done; }
                        tp connect >/dev/null && tp connect --mapped-namespaces default >/dev/null || exit
                        kubectl -n tp-system scale deployment tp-manager --replicas=0 >/dev/null; becomes reconnecting
                        kubectl -n tp-system scale deployment tp-manager --replicas=1 >/dev/null; becomes connected
                        tp status -o json | grep -o '"mapped_namespaces":[^]]*]'
                        $PROBE connect $(kubectl -n away get svc echo -o jsonpath='{.spec.clusterIP}') 7
                        $PROBE connect tcp-echo.default 7
                        """);

        List<String> lines = result.output().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.getFirst()).isEqualTo("\"mapped_namespaces\":[\"default\"]");
        assertThat(lines.get(1)).contains("No route to host");
        assertThat(lines.getLast()).isEqualTo("connected");
    }

    @Test
    void aNamespaceHasAnotherNameHereAndAnswersUseIt() throws Exception {
        Laptop.Result result =
                laptop.run(
                        """
                        tp connect --namespace pay --mapped-namespaces pay=team-a,money=team-a,default >/dev/null || exit
                        for host in payroll payroll.pay payroll.money payroll.pay.svc payroll.pay.svc.cluster.local; do
                            curl -fsS -m 10 $host:8080 | grep -c payroll
                        done
                        dig +short SRV _http._tcp.payroll.pay.svc.cluster.local
                        dig +short -x $(dig +short payroll.pay.svc.cluster.local)
                        getent hosts payroll.team-a || echo no short name
                        dig payroll.team-a.svc.cluster.local | grep -o 'status: [A-Z]*'
                        kubectl -n default create service externalname link --external-name payroll.team-a.svc.cluster.local >/dev/null
                        dig +noall +answer link.default.svc.cluster.local CNAME | awk '{print $5}'
                        tp status -o json | grep -o '"aliases":[^]]*]'
                        kubectl -n default delete service link >/dev/null
                        """);

        assertThat(result.output().lines())
                .containsExactly(
                        "1",
                        "1",
                        "1",
                        "1",
                        "1",
                        "0 100 8080 payroll.pay.svc.cluster.local.",
                        "payroll.money.svc.cluster.local.",
                        "no short name",
                        "status: REFUSED",
                        "payroll.money.svc.cluster.local.",
                        "\"aliases\":[{\"name\":\"money\",\"namespace\":\"team-a\"},"
                                + "{\"name\":\"pay\",\"namespace\":\"team-a\"}]");
    }

    /** The user's story: a workload that is not deployed yet, and the names of its namespace. */
    @Test
    void namesNeedNoNamespaceAsLongAsThereIsAnIntercept() throws Exception {
        Laptop.Result result =
                laptop.run(
                        """
                        short() { curl -fsS -m 5 payroll:8080 2>/dev/null | grep -c payroll; }
                        tp connect >/dev/null || exit
                        short; curl -fsS -m 5 payroll.team-a:8080 | grep -c payroll
                        tp intercept not-deployed --namespace team-a --local-only >/dev/null; short
                        tp intercept other --namespace team-a --local-only >/dev/null; short
                        tp intercept third --namespace default --local-only >/dev/null
                        grep ^search /etc/resolv.conf
                        tp list -o json
                        tp leave third; tp leave other; short
                        tp leave not-deployed; short
                        tp list
                        tp connect --mapped-namespaces default >/dev/null
                        tp intercept x --namespace team-a --local-only
                        """);

        assertThat(result.output().lines())
                .containsExactly(
                        "0",
                        "1",
                        "1",
                        "1",
                        "search default.svc.cluster.local team-a.svc.cluster.local",
                        "{\"intercepts\":[{\"name\":\"not-deployed\",\"namespace\":\"team-a\"},"
                                + "{\"name\":\"other\",\"namespace\":\"team-a\"},"
                                + "{\"name\":\"third\",\"namespace\":\"default\"}]}",
                        "Left third",
                        "Left other",
                        "1",
                        "Left not-deployed",
                        "0",
                        "No intercepts",
                        "tp: namespace 'team-a' is not mapped; map it with `tp connect"
                                + " --mapped-namespaces`");
    }

    @Test
    void aNamespaceForTheWholeSessionDoesTheSame() throws Exception {
        Laptop.Result result =
                laptop.run(
                        """
                        tp connect --namespace team-a | tail -1 | sed 's/ (.*//'
                        curl -fsS -m 5 payroll:8080 | grep -c payroll
                        tp connect --namespace default | tail -1 | sed 's/ (.*//'
                        curl -fsS -m 5 payroll:8080 2>/dev/null || echo no more
                        curl -fsS -m 5 dataprocessingservice:3000 | grep -c .
                        """);

        assertThat(result.output())
                .isEqualTo(
                        """
                        Connected to context sandbox, namespace team-a
                        1
                        Mapping changed, connected to context sandbox, namespace default
                        no more
                        1""");
    }
}
