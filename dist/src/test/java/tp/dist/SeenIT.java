package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.testkit.laptop.Laptop;

/** What can be seen of a session from outside: its flows, and numbers for Prometheus. */
@Needs({"curl", "kubectl"})
class SeenIT {

    private static final String SHELL =
            """
            folder=${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/tp}; page=${folder:-/tmp/tp-$(id -u)}/metrics.sock
            numbers() { curl -fsS -m 10 --unix-socket $page http://tp/metrics; }
            becomes() { until numbers | grep -qx "$1"; do sleep 0.1; done; }
            manager=$(kubectl -n tp-system get pod -l app.kubernetes.io/name=tp-manager -o jsonpath='{.items[0].status.podIP}')
            status() { curl -sk -m 10 -o $T/page -w '%{http_code}\\n' "$@" https://$manager:8447/metrics; }
            """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        laptop.run("export PROBE='" + Laptop.java(Probe.class) + "'");
        Laptop.Result connected =
                laptop.run(
                        Duration.ofMinutes(2),
                        """
                        tp connect || exit
                        kubectl create serviceaccount seer; kubectl create serviceaccount stranger
                        kubectl create clusterrole sees-metrics --verb=get --non-resource-url=/metrics
                        kubectl create clusterrolebinding seer --clusterrole=sees-metrics --serviceaccount=default:seer
                        """);
        assertThat(connected.exit()).as(connected.output()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    private static String run(String script) throws Exception {
        return laptop.run(Duration.ofMinutes(1), SHELL + script).output();
    }

    @Test
    void aFlowIsListedAsLongAsItLasts() throws Exception {
        String output =
                run(
                        """
                        $PROBE hold tcp-echo.default 7 idle >$T/held & probe=$!
                        until grep -qs going $T/held; do kill -0 $probe || exit; sleep 0.1; done
                        tp flows | sed 's/  */ /g'
                        tp flows -o json | grep -o '"state":"open"'
                        tp status -o json | grep -o '"open_flows":[1-9]'
                        kill $probe; wait $probe 2>/dev/null
                        until [ "$(tp flows | grep -c ':7 ')" = 0 ]; do sleep 0.1; done; echo gone
                        """);
        assertThat(output)
                .containsPattern(
                        "PROTOCOL STATE FROM TO SENT RECEIVED KEPT AGE\\n"
                                + "tcp open [0-9.:]+ tcp-echo\\.default \\(10\\.96\\.[0-9.]+:7\\) [0-9.]+ \\S*B [0-9.]+ \\S*B 0 B .*s\\n")
                .contains("\"state\":\"open\"", "\"open_flows\":", "gone");
    }

    @Test
    void theSessionsNumbersAreOnASocketOfTheOwnersAlone() throws Exception {
        String output =
                run(
                        """
                        stat -c '%a %F' $page
                        before=$(numbers | sed -n 's/^tp_bytes_total{direction="received"} //p')
                        curl -fsS 'verylargedatastore.default:8080/bytes?size=1000000' | wc -c
                        after=$(numbers | sed -n 's/^tp_bytes_total{direction="received"} //p')
                        [ $((after - before)) -ge 1000000 ] && echo counted
                        $PROBE hold tcp-echo.default 7 idle >$T/counted & probe=$!
                        until grep -qs going $T/counted; do kill -0 $probe || exit; sleep 0.1; done
                        becomes 'tp_flows [1-9].*' && echo a flow
                        kill $probe; wait $probe 2>/dev/null
                        numbers | grep -c '^tp_dns_outcomes_total{outcome="asked_cluster"} [1-9]'
                        numbers | grep -c '^tp_link_up{transport="[a-z-]*"} 1'
                        curl -s -o /dev/null -w '%{http_code}\\n' --unix-socket $page http://tp/
                        """);
        assertThat(output.lines())
                .containsExactly("600 socket", "1000000", "counted", "a flow", "1", "1", "404");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "nobody            | ''                                                     | 401",
                "garbage           | -H 'Authorization: Bearer garbage'                     | 401",
                "one who may not   | -H \"Authorization: Bearer $(kubectl create token stranger)\" | 403",
                "one for a session | -H \"Authorization: Bearer $(kubectl -n tp-system create token tp-client --audience tp-manager/x)\" | 401",
                "one who may       | -H \"Authorization: Bearer $(kubectl create token seer)\" | 200",
            })
    void theManagersNumbersAreForThoseWhoMaySeeThem(String who, String shown, int status)
            throws Exception {
        String output = run("status " + shown + "; grep -c '^tp_manager_sessions [1-9]' $T/page");
        assertThat(output.lines())
                .as(who)
                .containsExactly(Integer.toString(status), status == 200 ? "1" : "0");
    }
}
