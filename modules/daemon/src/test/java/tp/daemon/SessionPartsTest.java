package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.connector.NamedNamespaces;
import tp.os.InterfaceAddress;
import tp.tunnel.Welcome;

/** The small parts that a session is put together from. */
class SessionPartsTest {

    @TempDir private Path folder;

    @Test
    void whatWasBegunLastEndsFirstAndAFailureKeepsNothing() {
        List<String> ended = new ArrayList<>();
        Teardown teardown = new Teardown();
        teardown.add("one", () -> ended.add("one"));
        teardown.add(
                "two",
                () -> {
                    throw new IOException("stuck");
                });
        teardown.add("three", () -> ended.add("three"));
        teardown.close();
        teardown.close();
        assertThat(ended).containsExactly("three", "one");
    }

    @Test
    void namespacesThatCannotBeUsedAreWarnedOf() {
        NamedNamespaces named =
                new NamedNamespaces(
                        new TreeSet<>(List.of("default", "foreign", "late", "none")),
                        Set.of("late", "none"));
        assertThat(NamespaceWarnings.of(named, List.of("default", "late", "more")))
                .containsExactly(
                        "namespace 'foreign' is not granted to you; nothing in it is reached",
                        "namespace 'late' does not exist in this cluster; its names are known as"
                                + " soon as it does",
                        "namespace 'none' does not exist in this cluster; connect again when it"
                                + " does");
    }

    @Test
    void updatesBeforeTheHostIsReadyAreKeptAndTheLatestWins() throws InterruptedException {
        LinkedBlockingQueue<String> applied = new LinkedBlockingQueue<>();
        LiveUpdates updates = new LiveUpdates();
        updates.granted(welcome("first"));
        updates.granted(welcome("second"));
        updates.follow(welcome -> applied.add(welcome.sessionId()));
        assertThat(applied.poll(5, TimeUnit.SECONDS)).isEqualTo("second");
        updates.granted(welcome("third"));
        assertThat(applied.poll(5, TimeUnit.SECONDS)).isEqualTo("third");
    }

    private static Welcome welcome(String id) {
        return new Welcome(
                id,
                1,
                "0.1",
                new Welcome.Zone("cluster.local", List.of()),
                List.of(),
                List.of(),
                List.of());
    }

    @Test
    void theDevicesRangesGiveTheRoles() {
        List<InterfaceAddress> own =
                List.of(
                        InterfaceAddress.parse("100.127.7.1/24"),
                        InterfaceAddress.parse("fd74:7470:1:2::1/64"));
        DevicePlan plan = new DevicePlan("tp00010002", own, true);
        assertThat(plan.ipv4()).hasToString("100.127.7.0/24");
        assertThat(plan.ipv6().orElseThrow().prefixLength()).isEqualTo(64);
        assertThat(plan.resolver().getHostAddress()).isEqualTo("100.127.7.2");
        assertThat(new DevicePlan("tp00010002", own, false).ipv6()).isEmpty();
    }

    @Test
    void aResolverOfOursIsKnownAsALeftover() {
        assertThat(HostResolver.isSessions("# Written by tp for session 0a. The file\n")).isTrue();
        assertThat(HostResolver.isSessions("nameserver 192.0.2.1\n")).isFalse();
    }

    @Test
    void theLogIsPrivateAndBounded() throws IOException {
        Path file = folder.resolve("daemon.log");
        BoundedLog log = new BoundedLog(file, 1_000);
        for (int i = 0; i < 50; i++) {
            LogRecord record = new LogRecord(Level.INFO, "line " + i);
            record.setLoggerName("tp.daemon");
            log.publish(record);
        }
        log.close();
        assertThat(Files.size(file)).isLessThanOrEqualTo(1_000);
        assertThat(Files.readString(file)).endsWith("line 49\n");
        assertThat(Files.size(folder.resolve("daemon.log.1"))).isLessThanOrEqualTo(1_000);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }
}
