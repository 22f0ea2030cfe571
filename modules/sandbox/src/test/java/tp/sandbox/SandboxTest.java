package tp.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One sandbox, looked at from a pod and from the laptop. */
class SandboxTest {

    private static SandboxFixture sandbox;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                SandboxFixture.isPossible(),
                "not run: the sandbox needs user namespaces, iproute2, curl and dig");
        sandbox = SandboxFixture.start();
    }

    @AfterAll
    static void end() {
        if (sandbox != null) {
            sandbox.end();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "verylargejavaservice:8080",
                "verylargejavaservice.default:8080",
                "verylargejavaservice.default.svc:8080",
                "verylargejavaservice.default.svc.cluster.local:8080",
            })
    void aPodReachesAServiceByEachOfItsNames(String where) {
        assertThat(sandbox.inPod("TcpEcho", "curl -fsS -m 5 " + where).output())
                .contains("<title>The very large Java service</title>");
    }

    @Test
    void aPodReachesItselfThroughItsService() {
        assertThat(sandbox.inPod("verylargejava", "curl -fsS -m 5 verylargejavaservice:8080"))
                .extracting(SandboxFixture.Result::exit)
                .isEqualTo(0);
    }

    @Test
    void shortNamesAreThoseOfThePodsOwnNamespace() {
        assertThat(sandbox.inPod("TcpEcho", "curl -sS -m 5 payroll:8080").exit())
                .as("curl's code for a name that does not exist")
                .isEqualTo(6);
        assertThat(sandbox.inPod("TcpEcho", "curl -fsS -m 5 payroll.team-a:8080").output())
                .contains("team-a");
    }

    @ParameterizedTest
    @CsvSource({
        // what bash says, and the time limit in seconds
        "$(dig +short tcp-echo.default.svc.cluster.local)/9999, Connection refused",
        "$(hostname -i | tr ' ' '\\n' | grep -v : )/9998, Connection refused",
        "10.244.200.1/80, No route to host",
        "192.168.127.2/22, Network is unreachable",
        "1.1.1.1/80, Network is unreachable",
    })
    void aFailedConnectionFailsAsOnAnyLinux(String where, String message) {
        SandboxFixture.Result result =
                sandbox.inPod("TcpEcho", "timeout 3 bash -c \"</dev/tcp/" + where + "\"");

        assertThat(result.output()).contains(message);
        assertThat(result.exit()).isEqualTo(1);
    }

    @Test
    void aResetPassesThroughAServiceAfterWhatWasSent() {
        String echo = address("tcp-echo.default.svc.cluster.local");

        SandboxFixture.Result reset =
                sandbox.inPod("DataStore", "timeout 5 cat </dev/tcp/" + echo + "/7001");

        assertThat(reset.output()).contains("goodbye", "reset by peer");
    }

    @Test
    void theBlackHoleIsSilent() {
        SandboxFixture.Result result =
                sandbox.inPod("TcpEcho", "timeout 2 bash -c '</dev/tcp/10.244.255.254/80'");

        assertThat(result.exit()).as("timeout's own code").isEqualTo(124);
    }

    @Test
    void datagramsComeBack() {
        SandboxFixture.Result result =
                sandbox.inPod(
                        "TcpEcho",
                        "exec 3<>/dev/udp/$(dig +short udp-echo.default.svc.cluster.local)/7;"
                                + " echo hello >&3; echo got $(timeout 5 head -c 6 <&3)");

        assertThat(result.output()).contains("got hello");
    }

    @ParameterizedTest
    @CsvSource({
        "verylargejavaservice.default.svc.cluster.local A, NOERROR",
        "verylargejavaservice.default.svc.cluster.local MX, NOERROR",
        "nobody.default.svc.cluster.local A, NXDOMAIN",
        "laptop.example A, NOERROR",
        "nobody.example A, NXDOMAIN",
    })
    void theClusterDnsTellsNoSuchNameFromNoSuchRecord(String question, String code) {
        assertThat(sandbox.inPod("TcpEcho", "dig +tries=1 +time=2 " + question).output())
                .contains("status: " + code);
        assertThat(sandbox.inPod("TcpEcho", "dig +tcp +tries=1 +time=2 " + question).output())
                .contains("status: " + code);
    }

    /** Everything here must fail, also for somebody who adds routes on the laptop. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "curl -sS -m 2 verylargejavaservice.default:8080",
                "curl -sS -m 2 verylargejavaservice.default.svc.cluster.local:8080",
                "curl -sS -m 2 $service:8080",
                "curl -sS -m 2 $pod:8080",
                "ip route add default via 192.168.127.1; curl -sS -m 2 $service:8080",
                "ip route add default via 192.168.127.1; curl -sS -m 2 $pod:8080",
                "ip route add default via 192.168.127.1; dig +time=1 +tries=1 @10.96.0.10 a",
            })
    void theLaptopDoesNotReachTheCluster(String command) {
        String service = address("verylargejavaservice.default.svc.cluster.local");
        String pod =
                sandbox.inPod("verylargejava", "hostname -i | tr ' ' '\\n' | grep -v :").output();
        String all = "service=%s; pod=%s; %s".formatted(service, pod.strip(), command);

        SandboxFixture.Result result = sandbox.onLaptop(all);
        sandbox.onLaptop("ip route del default");

        assertThat(service).startsWith("10.96.");
        assertThat(pod).startsWith("10.244.");
        assertThat(result.exit()).isNotZero();
    }

    @Test
    void theLaptopHasAResolverOfItsOwn() {
        assertThat(sandbox.onLaptop("cat /etc/resolv.conf").output())
                .isEqualTo("nameserver 192.168.127.1\n");
        assertThat(sandbox.onLaptop("getent ahostsv4 laptop.example").output())
                .contains("192.0.2.10");
        assertThat(sandbox.onLaptop("dig verylargejavaservice.default").output())
                .contains("status: NXDOMAIN");
    }

    @Test
    void whatTheLaptopDoesToItsResolverStaysThere() throws IOException {
        String before = Files.readString(Path.of("/etc/resolv.conf"));

        SandboxFixture.Result result =
                sandbox.onLaptop(
                        "cp /etc/resolv.conf /etc/keep && echo '# ours' > /etc/new"
                                + " && mv /etc/new /etc/resolv.conf && cat /etc/resolv.conf"
                                + " && mv /etc/keep /etc/resolv.conf");

        assertThat(result.output()).isEqualTo("# ours\n");
        assertThat(Files.readString(Path.of("/etc/resolv.conf"))).isEqualTo(before);
    }

    @Test
    void exitCodesAndInputPassThrough() {
        assertThat(sandbox.onLaptop("exit 7").exit()).isEqualTo(7);
        assertThat(sandbox.onLaptop("kill -9 $$").exit()).isEqualTo(128 + 9);
        assertThat(sandbox.onLaptop("kill -TERM $$").exit()).isEqualTo(128 + 15);
    }

    @Test
    void aKilledContainerIsStartedAgain() {
        List<ProcessHandle> before = sandbox.processes("UdpEcho");
        assertThat(before).isNotEmpty();

        before.forEach(ProcessHandle::destroyForcibly);

        sandbox.await(
                "the UDP echo runs again",
                () -> sandbox.processes("UdpEcho").stream().anyMatch(now -> !before.contains(now)));
    }

    private static String address(String name) {
        return sandbox.inPod("TcpEcho", "dig +short " + name).output().strip();
    }
}
