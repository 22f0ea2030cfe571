package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.testkit.laptop.Laptop;

/** What is wrong is named by {@code tp doctor}, and nothing else is. */
@Tag("wide")
@Needs(
        value = {"kubectl", "nft"},
        sandbox = "faults of its clock and DNS, and its ranges")
class DoctorIT {

    /**
     * @param script makes the fault, runs {@code $doctor}, whose exit code is kept, and mends it
     * @param words of the first line that is neither "works" nor "skipped", in order
     */
    record Row(String name, String script, int exit, List<String> words) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String BEFORE =
            """
            folder=$(mktemp -d); trap 'rm -rf $folder' EXIT; cd $folder
            doctor() { tp doctor "$@"; code=$?; }
            # An account with what the Role tp-user grants, but for what that expression deletes.
            account() {
                kubectl create serviceaccount $1 >/dev/null
                kubectl -n tp-system get role tp-user -o json | sed "s/\\"tp-user\\"/\\"$1\\"/; $2; /uid/d; /resourceVersion/d" |
                    kubectl create -f - >/dev/null
                kubectl -n tp-system create rolebinding $1 --role=$1 --serviceaccount=default:$1 >/dev/null
                sed "s/token: .*/token: $(kubectl create token $1)/" $KUBECONFIG >k
            }
            published() { kubectl -n tp-system patch configmap tp-manager-info -p "{\\"data\\":{\\"$1\\":\\"$2\\"}}" >/dev/null; }
            """;

    private static Laptop laptop;

    @BeforeAll
    static void start() throws Exception {
        laptop = Laptop.start();
        assertThat(laptop.run("tp connect && tp quit").exit()).isZero();
    }

    @AfterAll
    static void stop() {
        laptop.close();
    }

    @Test
    void aHealthyMachineIsAllGreenAndAsBefore() throws Exception {
        String picture = "ip -o link; ip route show table all; cat /etc/resolv.conf";
        String before = laptop.run(picture).output();

        Laptop.Result result =
                laptop.run(
                        "start=$(date +%s%3N); tp doctor || exit; echo $(( $(date +%s%3N) - start ))");

        assertThat(result.exit()).as(result.output()).isZero();
        List<String> lines = result.output().lines().toList();
        System.out.println("tp doctor took " + lines.getLast() + " ms");
        assertThat(lines.subList(0, lines.size() - 2))
                .hasSize(15)
                .allSatisfy(line -> assertThat(line).startsWith("works "));
        assertThat(lines.get(lines.size() - 2)).isEqualTo("Nothing stands in the way of tp");
        assertThat(Integer.parseInt(lines.getLast())).isLessThan(5_000);
        assertThat(laptop.run(picture).output()).isEqualTo(before);
    }

    @Test
    void aSessionGoesOnUndisturbed() throws Exception {
        Laptop.Result result =
                laptop.run(
                        """
                        tp connect >/dev/null && tp doctor; code=$?
                        curl -fsS -o /dev/null verylargejavaservice.default:8080 || code=1
                        tp quit; exit $code""");

        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(result.output())
                .containsPattern("skipped device +in use by the session")
                .containsPattern("works +transport quic +to quic://");
    }

    @Test
    void programsGetTheSame() throws Exception {
        Laptop.Result result = laptop.run("tp doctor --context=nope --output=json");

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.output())
                .contains("\"healthy\":false")
                .contains(
                        "{\"name\":\"API server\",\"verdict\":\"fails\",\"what\":\"no context 'nope'")
                .contains(
                        "{\"name\":\"clock\",\"verdict\":\"skipped\",\"what\":\"needs the API server");
    }

    private static Stream<Row> rows() {
        return Stream.of(host(), access(), manager()).flatMap(rows -> rows);
    }

    private static Stream<Row> host() {
        return Stream.of(
                row(
                        "no device node",
                        "mount -t tmpfs none /dev/net; doctor; umount /dev/net",
                        1,
                        "FAILS",
                        "device",
                        "no TUN device",
                        "modprobe tun"),
                row(
                        "no sudo",
                        """
                        mkdir -m 700 run state; mkdir bin; ln -s $(command -v readlink) bin
                        tp=$(command -v tp)
                        env XDG_RUNTIME_DIR=$folder/run XDG_STATE_HOME=$folder/state PATH=$folder/bin \
                            $(command -v unshare) --user --map-user=4242 --map-group=4242 $tp doctor; code=$?""",
                        1,
                        "FAILS",
                        "helper",
                        "no sudo here",
                        "install sudo"),
                row(
                        "a resolver that is silent",
                        """
                        echo 'nameserver 192.0.2.1' >r; mount --bind r /etc/resolv.conf
                        doctor; umount /etc/resolv.conf""",
                        1,
                        "FAILS",
                        "resolver",
                        "192.0.2.1 does not answer",
                        "/etc/resolv.conf"),
                row(
                        "a VPN in the way",
                        """
                        ip route add 10.96.0.0/16 via 192.168.127.1
                        doctor; ip route del 10.96.0.0/16""",
                        0,
                        "care",
                        "addresses",
                        "10.96.0.0/16 with 10.96.0.0/16",
                        "virtual addresses"),
                row(
                        "no UDP",
                        """
                        nft 'add table inet bad; add chain inet bad c { type filter hook output priority 0; }'
                        nft 'add rule inet bad c ip daddr 192.168.127.1 udp dport != 53 drop'
                        doctor; nft delete table inet bad""",
                        0,
                        "care",
                        "transport quic",
                        "takes another"));
    }

    private static Stream<Row> access() {
        return Stream.of(
                row(
                        "no API server",
                        "sed s/6443/6444/ $KUBECONFIG >k; doctor --kubeconfig k",
                        1,
                        "FAILS",
                        "API server",
                        ":6444 cannot be reached"),
                row(
                        "credentials that are refused",
                        "sed 's/token:.*/token: x/' $KUBECONFIG >k; doctor --kubeconfig k",
                        1,
                        "FAILS",
                        "API server",
                        "refused the credentials",
                        "log in again"),
                row(
                        "a right that a transport needs",
                        "account few 's#pods/portforward#pods/other#'; doctor --kubeconfig k",
                        0,
                        "care",
                        "rights",
                        "get pods/portforward in tp-system (transport port-forward)",
                        "docs/rbac.md"),
                row(
                        "a right that all need",
                        "account fewer 's#serviceaccounts/token#serviceaccounts/other#'; doctor --kubeconfig k",
                        1,
                        "FAILS",
                        "rights",
                        "create serviceaccounts/token tp-client in tp-system is missing"),
                row(
                        "another clock",
                        "tp sandbox fault clock=-600; doctor; tp sandbox fault clock=off",
                        0,
                        "care",
                        "clock",
                        "600 s ahead of",
                        "set it"));
    }

    private static Stream<Row> manager() {
        return Stream.of(
                row(
                        "another version",
                        """
                        own=$(kubectl -n tp-system get configmap tp-manager-info -o jsonpath={.data.version})
                        published version 9.9.0; doctor; published version $own""",
                        1,
                        "FAILS",
                        "manager",
                        "9.9.0"),
                row(
                        "names that fail",
                        "tp sandbox fault dns=servfail; doctor; tp sandbox fault dns=off",
                        1,
                        "FAILS",
                        "cluster names",
                        "SERVFAIL",
                        "k8s-app=kube-dns"),
                row(
                        "no manager",
                        """
                        kubectl -n tp-system scale deployment tp-manager --replicas=0 >/dev/null
                        kubectl -n tp-system wait --for=delete pod --all --timeout=30s >/dev/null
                        doctor
                        kubectl -n tp-system scale deployment tp-manager --replicas=1 >/dev/null
                        kubectl -n tp-system rollout status deployment tp-manager --timeout=60s >/dev/null""",
                        0,
                        "care",
                        "manager",
                        "not installed",
                        "tp connect"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void aFaultIsNamedFirst(Row row) throws Exception {
        Laptop.Result result =
                laptop.run(Duration.ofMinutes(2), BEFORE + row.script() + "\nexit $code");

        String output = result.output();
        assertThat(result.exit()).as(output).isEqualTo(row.exit());
        assertThat(output).doesNotContain("Exception", "\tat ");
        String first =
                output.lines()
                        .filter(line -> line.startsWith("FAILS ") || line.startsWith("care "))
                        .findFirst()
                        .orElse(output);
        assertThat(first).containsSubsequence(row.words());
    }

    private static Row row(String name, String script, int exit, String... words) {
        return new Row(name, script, exit, List.of(words));
    }
}
