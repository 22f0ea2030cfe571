package tp.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real processes: whoever is killed, the host is as before. */
class SessionEndTest {

    private static final String ID = "0123abcd";
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(2);

    /** The forms in which hosts have a resolv.conf. */
    enum Form {
        FILE(":"),
        LINK(
                "mkdir /run/r; mv /etc/resolv.conf /run/r/stub;"
                        + "ln -s ../run/r/stub /etc/resolv.conf"),
        MOUNT("mount --bind $D/resolv.conf /etc/resolv.conf"),
        MOUNTED_LINK(
                "mkdir /run/r; cp /etc/resolv.conf /run/r/stub;"
                        + "ln -sf ../run/r/stub /etc/resolv.conf;"
                        + "mount --bind $D/resolv.conf /run/r/stub"),
        FIXED_LINK(
                "mkdir /run/r; mv /etc/resolv.conf /run/r/stub;"
                        + "ln -s ../run/r/stub /etc/resolv.conf;"
                        + "mount -o remount,bind,ro /etc"),
        NONE("rm /etc/resolv.conf");

        private final String setUp;

        Form(String setUp) {
            this.setUp = setUp;
        }
    }

    @TempDir private Path directory;

    @ParameterizedTest
    @EnumSource
    void quitAndKillOfTheDaemonRestoreEveryFormOfResolver(Form form) throws Exception {
        try (TestHost host = TestHost.start(directory, form.setUp)) {
            String before = host.snapshot();
            for (boolean quit : new boolean[] {true, false}) {
                TestHost.Child daemon = daemon(host);
                assertThat(host.shell("cat /etc/resolv.conf")).contains("nameserver 10.254.7.2");
                assertThat(host.shell("ip addr; ip route; ip -6 route"))
                        .contains("tp" + ID, "10.254.7.1/24", "10.244.0.0/16", "fd00:10:96::/112");
                if (quit) {
                    daemon.tell("quit");
                    daemon.await("closed");
                    assertThat(host.snapshot()).isEqualTo(before);
                } else {
                    daemon.kill();
                    assertThat(host.nanosUntilSnapshotIs(before)).isLessThan(LIMIT_NS);
                }
            }
            awaitNoProcess(host);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "daemon, FILE",
        "helper+daemon, FILE",
        "helper+daemon, MOUNT",
        "daemon+helper, LINK"
    })
    void connectionsThroughTheDeviceEndWithAnError(String killed, Form form) throws Exception {
        try (TestHost host = TestHost.start(directory, form.setUp)) {
            String before = host.snapshot();
            TestHost.Child daemon = daemon(host);
            long helper = helperPid(host);
            List<TestHost.Child> probes =
                    List.of(
                            host.java(TcpProbe.class, "10.254.7.1", "10.254.9.9"),
                            host.java(TcpProbe.class, "fd74:7470::1", "fd74:9::9"));
            probes.forEach(probe -> probe.await("connected"));
            for (String victim : killed.split("\\+", -1)) {
                if (victim.equals("daemon")) {
                    daemon.kill();
                } else {
                    kill(helper);
                }
            }
            long start = System.nanoTime();
            for (TestHost.Child probe : probes) {
                assertThat(probe.awaitEnd()).startsWith("error");
            }
            assertThat(System.nanoTime() - start).isLessThan(LIMIT_NS);
            host.nanosUntilSnapshotIs(before);
            assertThat(System.nanoTime() - start).isLessThan(LIMIT_NS);
            awaitNoProcess(host);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FILE", "MOUNT"})
    void aDaemonSeesItsHelperDieAndTheKeeperRestoresAfterBoth(Form form) throws Exception {
        try (TestHost host = TestHost.start(directory, form.setUp)) {
            String before = host.snapshot();
            TestHost.Child daemon = daemon(host);
            kill(helperPid(host));
            daemon.await("helper died");
            daemon.tell("quit");
            daemon.await("closed");
            assertThat(host.nanosUntilSnapshotIs(before)).isLessThan(LIMIT_NS);
            awaitNoProcess(host);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theNextHelperRepairsWhatNobodyWasLeftToRestore(Form form) throws Exception {
        try (TestHost host = TestHost.start(directory, form.setUp)) {
            String before = host.snapshot();
            TestHost.Child daemon = daemon(host);
            kill(pid(host, "tp.host.KeeperMain"));
            kill(helperPid(host));
            daemon.kill();
            awaitNoProcess(host);
            assertThat(host.shell("cat /etc/resolv.conf")).contains("10.254.7.2");

            TestHost.Child next = host.java(DaemonStandIn.class, "76543210", directory.toString());
            assertThat(next.await("note")).contains(ID, "killed");
            next.await("ready");
            next.tell("quit");
            next.await("closed");
            assertThat(host.snapshot()).isEqualTo(before);
        }
    }

    private TestHost.Child daemon(TestHost host) throws IOException {
        TestHost.Child daemon = host.java(DaemonStandIn.class, ID, directory.toString());
        daemon.await("ready");
        return daemon;
    }

    private static long helperPid(TestHost host) throws IOException {
        return pid(host, "tp.host.HelperMain");
    }

    /** Processes of this test's directory only: another build may run the same test. */
    private static long pid(TestHost host, String main) throws IOException {
        return Long.parseLong(processes(host, main).lines().findFirst().orElseThrow());
    }

    private static String processes(TestHost host, String main) throws IOException {
        return host.shell(
                "for p in $(pgrep -f '"
                        + main
                        + "'); do case $(readlink /proc/$p/exe) in */java)"
                        + " [ $(readlink /proc/$p/ns/net) = $(readlink /proc/self/ns/net) ]"
                        + " && echo $p;; esac; done");
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    private static void awaitNoProcess(TestHost host) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!processes(host, "tp.host").isEmpty()) {
            assertThat(System.nanoTime()).as(processes(host, "tp.host")).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
