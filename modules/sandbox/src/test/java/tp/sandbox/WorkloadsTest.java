package tp.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of workload and Service on one sandbox; {@code kubectl} is the judge. */
class WorkloadsTest {

    private static SandboxFixture sandbox;

    @BeforeAll
    static void start() throws IOException {
        SandboxFixture.assumeKubectl();
        sandbox = SandboxFixture.start();
        assertThat(sandbox.apply("workloads.yaml")).returns(0, SandboxFixture.Result::exit);
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
                "rollout status statefulset/db",
                "rollout status daemonset/agent",
                "rollout status daemonset/elsewhere",
                "rollout status deployment/tcp-echo",
                "wait --for=condition=Available deployment --all -A",
                "wait --for=condition=complete job/sums",
                "wait --for=condition=failed job/fails",
                "wait --for=condition=failed job/restarts",
                "wait --for=condition=failed job/late",
                "wait --for=condition=Ready pod/db-1 pod/web",
                "wait --for=condition=PodScheduled=false pod/nowhere",
                "wait --for=jsonpath={.status.phase}=Succeeded pod/car pod/secure pod/usual",
                "wait --for=jsonpath={.status.readyReplicas}=2 statefulset/db",
            })
    void kubectlSeesItsEnd(String arguments) {
        assertThat(sandbox.kubectl(arguments + " --timeout=30s"))
                .returns(0, SandboxFixture.Result::exit);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "job/sums | {.status.succeeded} {.status.completedIndexes} | 3 0,1,2",
                "job/fails | {.status.failed} {.status.conditions[?(@.type=='Failed')].reason}"
                        + " | 1 BackoffLimitExceeded",
                "job/late | {.status.conditions[?(@.type=='Failed')].reason} | DeadlineExceeded",
                "daemonset/agent | {.status.desiredNumberScheduled} {.status.numberReady} | 1 1",
                "daemonset/elsewhere | {.status.desiredNumberScheduled} | 0",
                "pod/isroot | {.status.containerStatuses[0].state.waiting.reason}"
                        + " | CreateContainerConfigError",
                "pod/nokey | {.status.containerStatuses[0].state.waiting.message}"
                        + " | configmap \"nothing\" not found",
                "pod/car | {.status.containerStatuses[0].state.terminated.message} | why",
                "pod/car | {.status.initContainerStatuses[*].state.terminated.reason}"
                        + " | Completed Completed",
                "pod/db-0 | {.spec.hostname}.{.spec.subdomain} | db-0.db",
                "pod/db-1 | {.metadata.labels.apps\\.kubernetes\\.io/pod-index} | 1",
                "service/web | {.spec.ipFamilies[*]} | IPv4 IPv6",
                "service/balanced | {.status} | {\"loadBalancer\":{}}",
                "service/web-node | {.spec.ports[0].nodePort} | 30080",
                "endpointslice -l kubernetes.io/service-name=seldom"
                        + " | {.items[0].endpoints[0].conditions.ready} | false",
                "endpointslice -l kubernetes.io/service-name=always"
                        + " | {.items[0].endpoints[0].conditions.ready} | true",
                "endpointslice -l kubernetes.io/service-name=web"
                        + " | {.items[?(@.addressType=='IPv6')].ports[0].port} | 8080",
            })
    void theObjectSays(String object, String path, String expected) {
        awaitValue(object, path, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "secure | uid=1234 gid=2345",
                "secure | CapEff:\t0000000000000000",
                "secure | NoNewPrivs:\t1",
                "secure | openjdk version",
                "secure | cannot touch '/x': Read-only file system",
                "secure | scratch-is-writable",
                "usual | 0",
                "usual | CapEff:\t00000000a80425fb",
                "usual | no-net-admin",
                "car -c first | first",
                "-l job-name=sums | index",
            })
    void theLogSays(String pod, String line) {
        sandbox.await(
                pod + " says " + line,
                () -> sandbox.kubectl("logs " + pod).output().contains(line));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pod/isroot | container has runAsNonRoot and image will run as root",
                "pod/ailing | Liveness probe failed: cat: /tmp/ok: No such file or directory",
                "pod/ailing | Container main failed liveness probe, will be restarted",
                "pod/nowhere | 1 node(s) didn't match Pod's node affinity/selector",
                "pod/web | Successfully assigned default/web to sandbox",
                "statefulset/db | create Pod db-0 in StatefulSet db successful",
                "job/fails | Job has reached the specified backoff limit",
                "deployment/tcp-echo | Scaled up replica set",
            })
    void kubectlDescribeTellsWhatHappened(String object, String expected) {
        sandbox.await(
                object + " tells: " + expected,
                () -> sandbox.kubectl("describe " + object).output().contains(expected));
    }

    @Test
    void aPodThatAilsIsNotReadyAndStartedAgain() {
        awaitValue("pod/ailing", "{.status.containerStatuses[0].ready}", "false");
        // Its shell does not mind being asked to end.
        awaitValue(
                "pod/ailing",
                "{.status.containerStatuses[0].lastState.terminated.exitCode}",
                "137");
        assertThat(sandbox.kubectl("logs ailing --previous").output()).contains("alive");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "curl -fsS -m 5 web | The very large Java service",
                "curl -fsS -m 5 http://[$(dig +short AAAA web.default.svc.cluster.local)] | large Java",
                "curl -fsS -m 5 10.244.0.1:30080 | The very large Java service",
                "exec 3<>/dev/tcp/db-0.db/7; echo to db >&3; head -1 <&3 | to db",
                "dig +short seldom.default.svc.cluster.local; echo none | none",
                "dig +short always.default.svc.cluster.local | 10.244.",
                "getent hosts outside | www.example.com",
            })
    void aPodReaches(String script, String expected) {
        assertThat(kubectlWaited("pod/web pod/db-0 pod/db-1")).isZero();

        assertThat(sandbox.inPod("TcpEcho", script).output()).contains(expected);
    }

    @Test
    void everyPodOfAStatefulSetHasAName() {
        assertThat(kubectlWaited("pod/db-0 pod/db-1")).isZero();
        for (String pod : new String[] {"db-0", "db-1"}) {
            String ip = value("pod/" + pod, "{.status.podIP}");

            assertThat(sandbox.inPod("UdpEcho", "dig +short +search " + pod + ".db").output())
                    .isEqualTo(ip + "\n");
        }
    }

    @Test
    void aStatefulSetIsReplacedFromItsEndAndKeepsItsNames() {
        assertThat(sandbox.kubectl("rollout status statefulset/db --timeout=30s").exit()).isZero();
        String before = value("pod/db-0", "{.metadata.uid}");

        assertThat(sandbox.kubectl("set env statefulset/db WORD=new").exit()).isZero();
        assertThat(sandbox.kubectl("rollout status statefulset/db --timeout=30s").exit()).isZero();

        assertThat(value("pod/db-0", "{.metadata.uid}")).isNotEqualTo(before);
        assertThat(value("pod/db-0", "{.spec.containers[0].env[0].value}")).isEqualTo("new");
        assertThat(sandbox.kubectl("rollout undo statefulset/db").exit()).isZero();
        assertThat(sandbox.kubectl("rollout status statefulset/db --timeout=30s").exit()).isZero();
        assertThat(value("pod/db-0", "{.spec.containers[0].env}")).isEmpty();
    }

    @Test
    void aRolloutThatCannotWorkKeepsTheOldPods() {
        String deployment = "deployment/payroll -n team-a";
        assertThat(sandbox.kubectl("set image " + deployment + " payroll=nginx:1").exit()).isZero();

        assertThat(sandbox.kubectl("rollout status --timeout=3s " + deployment).exit()).isOne();
        assertThat(value(deployment, "{.status.availableReplicas}")).isEqualTo("1");
        assertThat(sandbox.inPod("TcpEcho", "curl -fsS -m 5 payroll.team-a:8080").exit()).isZero();

        assertThat(sandbox.kubectl("rollout undo " + deployment).exit()).isZero();
        assertThat(sandbox.kubectl("rollout status --timeout=30s " + deployment).exit()).isZero();
        assertThat(value(deployment, "{.status.replicas}")).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "curl -fsS -m 5 192.168.127.1:30080 | The very large Java service",
                "exec 3<>/dev/udp/192.168.127.1/30007; echo to udp >&3; timeout 5 head -c 6 <&3 | to udp",
            })
    void theLaptopReachesNodePorts(String script, String expected) {
        assertThat(kubectlWaited("pod/web")).isZero();
        sandbox.await(expected, () -> sandbox.onLaptop(script).output().contains(expected));
    }

    @Test
    void aServiceWithoutSelectorLeadsWhereItsSliceSays() {
        assertThat(kubectlWaited("pod/web")).isZero();
        String slice =
                "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: by-hand,"
                        + " labels: {kubernetes.io/service-name: by-hand}}, addressType: IPv4,"
                        + " ports: [{port: 8080}], endpoints: [{addresses: [%s]}]}"
                                .formatted(value("pod/web", "{.status.podIP}"));
        assertThat(sandbox.kubectl("apply -f - <<'END'\n" + slice + "\nEND\n").exit()).isZero();

        sandbox.await(
                "the service answers",
                () -> sandbox.inPod("TcpEcho", "curl -fsS -m 5 by-hand").exit() == 0);
    }

    @Test
    void volumesChangeWhileThePodRuns() {
        assertThat(kubectlWaited("pod/reader")).isZero();
        sandbox.await("one", () -> lastLine("reader").equals("one mood=\"calm\""));

        sandbox.kubectl("patch configmap changing -p '{\"data\":{\"word\":\"two\"}}'");
        sandbox.kubectl("label pod reader mood=merry --overwrite");

        sandbox.await("two", () -> lastLine("reader").equals("two mood=\"merry\""));
    }

    @Test
    void aLogIsShownSinceATimeAndFollowedToItsEnd() {
        assertThat(kubectlWaited("pod/reader")).isZero();
        assertThat(sandbox.kubectl("logs reader --since=1h --timestamps").output()).contains("Z o");
        assertThat(sandbox.kubectl("logs reader --since-time=2999-01-01T00:00:00Z").output())
                .isEmpty();

        String speaker = " --restart=Never --image=eclipse-temurin:25-jre -- sh -c";
        sandbox.kubectl("run speaker" + speaker + " 'echo first; sleep 2; echo last'");
        sandbox.kubectl("wait --for=jsonpath={.status.phase}=Running pod/speaker --timeout=9s");
        assertThat(sandbox.kubectl("logs -f speaker").output()).isEqualTo("first\nlast\n");
    }

    @Test
    void whileAPodEndsItsEndpointServesButIsNotReady() {
        String path = "{.items[0].endpoints[0].conditions}";
        assertThat(
                        sandbox.kubectl(
                                        "run ending --labels=app=ending --image=tp.sandbox/tcp-echo --overrides="
                                                + "'{\"spec\":{\"containers\":[{\"name\":\"ending\",\"image\":\"tp.sandbox/tcp-echo\","
                                                + "\"lifecycle\":{\"preStop\":{\"sleep\":{\"seconds\":5}}}}]}}'")
                                .exit())
                .isZero();
        assertThat(kubectlWaited("pod/ending")).isZero();
        assertThat(sandbox.kubectl("expose pod ending --port=7").exit()).isZero();
        String slices = "endpointslice -l kubernetes.io/service-name=ending";
        awaitValue(slices, path, "{\"ready\":true,\"serving\":true,\"terminating\":false}");

        assertThat(sandbox.kubectl("delete pod ending --wait=false").exit()).isZero();

        awaitValue(slices, path, "{\"ready\":false,\"serving\":true,\"terminating\":true}");
        assertThat(
                        sandbox.inPod(
                                        "UdpEcho",
                                        "exec 3<>/dev/tcp/ending/7; echo still >&3; head -1 <&3")
                                .output())
                .contains("still");
        assertThat(sandbox.kubectl("wait --for=delete pod/ending --timeout=15s").exit()).isZero();
    }

    private static int kubectlWaited(String pods) {
        return sandbox.kubectl("wait --for=condition=Ready --timeout=30s " + pods).exit();
    }

    private static String lastLine(String pod) {
        return sandbox.kubectl("logs --tail=1 " + pod).output().strip();
    }

    private static void awaitValue(String object, String path, String expected) {
        sandbox.await(
                object + " says " + expected, () -> value(object, path).strip().equals(expected));
    }

    private static String value(String object, String path) {
        return sandbox.kubectl("get %s -o jsonpath=\"%s\"".formatted(object, path)).output();
    }
}
