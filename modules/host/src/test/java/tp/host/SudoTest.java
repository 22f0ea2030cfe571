package tp.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.os.ProcessIdentity;

/** A daemon of a plain user, and the real sudo. */
class SudoTest {

    private static final String ID = "0123abcd";
    private static final String USER = "65534";
    private static final String SUDOERS =
            "echo 'nobody ALL=(root) %s' > /etc/sudoers;" + " chmod 440 /etc/sudoers; ";

    private static final List<String> NO_TERMINAL = List.of("/usr/bin/setsid", "--wait");

    @TempDir private Path directory;
    private final Map<String, String> copies = new HashMap<>();

    @BeforeEach
    void needsSudo() {
        boolean found = Files.isExecutable(Path.of("/usr/bin/sudo"));
        String note = "not run: these need /usr/bin/sudo";
        if (!found) {
            System.out.println(note);
        }
        Assumptions.assumeTrue(found, note);
    }

    @Test
    void thePlainUserHasNoRightAndTheHelperNoSecretAndNoNetwork() throws Exception {
        String rule = SUDOERS.formatted("NOPASSWD: ALL");
        try (TestHost host = TestHost.start(directory, rule)) {
            String before = host.snapshot();
            TestHost.Child daemon = host.spawn(plain("SECRET=hunter2", NO_TERMINAL));
            String helper = daemon.await("ready").split(" ", -1)[1];
            long sudo = ProcessIdentity.parentOf(Long.parseLong(helper));
            long self = ProcessIdentity.parentOf(sudo);
            assertThat(host.shell("grep -E 'Uid|CapEff' /proc/" + self + "/status"))
                    .contains(USER, "CapEff:\t0000000000000000");
            assertThat(host.shell("tr '\\0' '\\n' < /proc/" + self + "/environ"))
                    .contains("hunter2");
            assertThat(host.shell("grep Uid /proc/" + helper + "/status")).contains("\t0\t0");
            String keeper = host.shell("pgrep -P " + helper).strip();
            for (String root : List.of(helper, keeper)) {
                assertThat(host.shell("cat /proc/" + root + "/environ /proc/" + root + "/cmdline"))
                        .contains("java")
                        .doesNotContain("hunter2");
                assertThat(sockets(host, root)).as("sockets of %s", root).isEmpty();
                assertThat(host.shell("ls -l /proc/" + root + "/fd")).doesNotContain("net/tun");
            }
            daemon.kill();
            assertThat(host.nanosUntilSnapshotIs(before)).isLessThan(TimeUnit.SECONDS.toNanos(2));
        }
    }

    /** Those of its sockets that the tables of network protocols list. */
    private static String sockets(TestHost host, String pid) throws IOException {
        return host.shell(
                "for s in $(ls -l /proc/"
                        + pid
                        + "/fd | grep -o 'socket:.[0-9]*' | tr -dc '0-9\\n'); do"
                        + " grep -hw $s /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6"
                        + " /proc/net/raw /proc/net/raw6 /proc/net/packet /proc/net/icmp; done");
    }

    @Test
    void asksOnTheTerminalThatThePasswordIsNeededFor() throws Exception {
        String rule = SUDOERS.formatted("ALL") + "echo nobody:opensesame | chpasswd";
        try (TestHost host = TestHost.start(directory, rule)) {
            String before = host.snapshot();
            List<String> inner = plain("A=b", List.of());
            String line = String.join(" ", inner);
            TestHost.Child daemon = host.spawn(List.of("script", "-qec", line, "/dev/null"));
            assertThat(daemon.await("progress"))
                    .contains("tp needs root to open a network device", "tp.host.HelperMain");
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            // What is typed before the question is discarded.
            while (!daemon.hasPrinted("ready") && System.nanoTime() < end) {
                daemon.tell("opensesame");
                TimeUnit.MILLISECONDS.sleep(500);
            }
            daemon.await("ready");
            daemon.tell("quit");
            daemon.await("closed");
            assertThat(host.snapshot()).isEqualTo(before);
        }
    }

    @Test
    void saysWhatToDoWhereSudoRefusesOrIsAbsent() throws Exception {
        String rule = SUDOERS.formatted("/bin/true");
        try (TestHost host = TestHost.start(directory, rule)) {
            String before = host.snapshot();
            assertThat(host.spawn(plain("A=b", NO_TERMINAL)).awaitEnd())
                    .contains("failed sudo did not start tp's helper: sudo: a password is required")
                    .contains(
                            "check that `sudo -v` works for this user, or connect from a terminal");
            assertThat(host.spawn(plain("PATH=/nowhere", NO_TERMINAL)).awaitEnd())
                    .contains("there is no sudo here; install sudo, or run tp as root");
            assertThat(host.snapshot()).isEqualTo(before);
        }
    }

    /** A program that the user starts himself must not get anything out of the helper. */
    @Test
    void theHelperServesNobodyButItsAncestor() throws Exception {
        try (TestHost host = TestHost.start(directory, ":")) {
            String socket = directory.resolve("any.sock").toString();
            TestHost.Child stranger =
                    host.spawn(List.of("socat", "-u", "UNIX-LISTEN:" + socket, "STDOUT"));
            host.shell("until [ -S " + socket + " ]; do sleep 0.01; done");
            TestHost.Child helper = host.java(HelperMain.class, ID, socket);
            assertThat(helper.awaitEnd()).contains("did not start it");
            assertThat(stranger.awaitEnd()).isEmpty();
        }
    }

    /** The stand-in for the user, who cannot read root's build directories. */
    private List<String> plain(String variable, List<String> wrapper) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path own = Files.createDirectories(directory.resolve("own"));
        Files.setAttribute(own, "unix:uid", Integer.parseInt(USER));
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid", USER, "--regid", USER));
        command.addAll(List.of("--clear-groups", "/usr/bin/env", variable));
        command.addAll(wrapper);
        command.addAll(TestHost.javaCommand(this::copied, DaemonStandIn.class, ID, own.toString()));
        return command;
    }

    private String copied(String entry) {
        return copies.computeIfAbsent(
                entry,
                key -> {
                    Path source = Path.of(key);
                    Path target = directory.resolve("lib" + copies.size() + fileName(source));
                    try (Stream<Path> files = Files.walk(source)) {
                        for (Path file : files.toList()) {
                            Files.copy(file, target.resolve(source.relativize(file).toString()));
                        }
                        return target.toString();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    private static String fileName(Path path) {
        return Files.isDirectory(path) ? "" : "-" + path.getFileName();
    }
}
