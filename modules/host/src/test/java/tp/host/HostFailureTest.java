package tp.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a host may lack or forbid: one line that says so, and the host as it was. */
class HostFailureTest {

    @TempDir private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mount -t tmpfs tmpfs /dev/net                 | no TUN device
                    mount -t tmpfs tmpfs /run; mkdir -m 755 /run/tp | not a private directory
                    mount -o remount,ro /run                      | /run/tp
                    ip route add 10.244.0.0/16 dev lo             | 10.244.0.0/16 is routed elsewhere
                    ip -6 route add fd00:10:96::/112 dev lo metric 1024 | is routed elsewhere
                    rm /etc/resolv.conf; mkdir /etc/resolv.conf   | cannot change /etc/resolv.conf
                    mount -o remount,ro $D/etc; mount -o remount,bind,ro /etc | cannot change
                    """)
    void failsWithOneLine(String setUp, String expected) throws Exception {
        try (TestHost host = TestHost.start(directory, setUp)) {
            String before = host.snapshot();
            TestHost.Child daemon =
                    host.java(DaemonStandIn.class, "0123abcd", directory.toString());
            assertThat(daemon.awaitEnd())
                    .containsOnlyOnce("failed ")
                    .contains(expected)
                    .doesNotContain("Exception", "\tat ");
            host.nanosUntilSnapshotIs(before);
        }
    }

    @Test
    void doesWithoutIpv6WhereTheHostDoes() throws Exception {
        String setUp = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6";
        try (TestHost host = TestHost.start(directory, setUp)) {
            String before = host.snapshot();
            TestHost.Child daemon =
                    host.java(DaemonStandIn.class, "0123abcd", directory.toString());
            assertThat(daemon.await("routed")).contains("fd00:10:96", "no IPv6");
            daemon.await("ready");
            assertThat(host.shell("ip addr; ip route")).contains("10.254.7.1/24", "10.96.0.0/16");
            daemon.tell("quit");
            daemon.await("closed");
            assertThat(host.snapshot()).isEqualTo(before);
        }
    }

    @Test
    void theRoutesAreWhatIsWantedNowAndTheResolverCanBeGivenBackEarly() throws Exception {
        try (TestHost host = TestHost.start(directory, ":")) {
            TestHost.Child daemon =
                    host.java(DaemonStandIn.class, "0123abcd", directory.toString());
            daemon.await("ready");
            daemon.tell("fewer");
            daemon.await("fewer []");
            assertThat(host.shell("ip route; ip -6 route"))
                    .contains("10.96.0.0/16")
                    .doesNotContain("10.244.0.0", "fd00:10:96");
            daemon.tell("again");
            daemon.await("again []");
            assertThat(host.shell("cat /etc/resolv.conf")).contains("10.254.7.3");
            daemon.tell("restore");
            daemon.await("restored []");
            assertThat(host.shell("cat /etc/resolv.conf")).isEqualTo(TestHost.RESOLV_CONF);
            daemon.tell("quit");
            daemon.await("closed");
        }
    }
}
