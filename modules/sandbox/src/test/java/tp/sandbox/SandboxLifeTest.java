package tp.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import tp.sandbox.node.JavaRuntime;

/** Whatever of a sandbox is killed: nothing of it is left. */
class SandboxLifeTest {

    /** The processes without which there is no sandbox. */
    enum Victim {
        HOLDER {
            @Override
            ProcessHandle of(ProcessHandle holder) {
                return holder;
            }
        },
        FIRST {
            @Override
            ProcessHandle of(ProcessHandle holder) {
                return Processes.child(holder).orElseThrow();
            }
        },
        NODE {
            @Override
            ProcessHandle of(ProcessHandle holder) {
                return Processes.child(FIRST.of(holder)).orElseThrow();
            }
        };

        abstract ProcessHandle of(ProcessHandle holder);
    }

    @BeforeEach
    void look() throws IOException {
        assumeTrue(
                SandboxFixture.isPossible(),
                "not run: the sandbox needs user namespaces, iproute2, curl and dig");
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLeftWhenOneIsKilled(Victim victim) {
        SandboxFixture sandbox = SandboxFixture.start();
        List<ProcessHandle> all = sandbox.process().holder().descendants().toList();
        Set<String> namespaces = namespaces(sandbox.process());
        assertThat(all).as("a sandbox is many processes").hasSizeGreaterThan(10);
        assertThat(namespaces).as("and many namespaces").hasSizeGreaterThan(20);

        assertThat(victim.of(sandbox.process().holder()).destroyForcibly()).isTrue();

        sandbox.await("no process is left", () -> all.stream().noneMatch(ProcessHandle::isAlive));
        sandbox.await("nobody is in its namespaces", () -> isEmpty(namespaces));
    }

    @Test
    void nothingIsLeftWhenTheStarterEnds() throws Exception {
        AtomicReference<SandboxFixture> started = new AtomicReference<>();
        Thread starter = Thread.ofPlatform().start(() -> started.set(SandboxFixture.start()));
        starter.join();

        SandboxFixture sandbox = started.get();
        sandbox.await("the sandbox ends", () -> !sandbox.process().holder().isAlive());
    }

    @Test
    void twoAtOnceDoNotSeeEachOther() {
        SandboxFixture one = SandboxFixture.start();
        SandboxFixture other = SandboxFixture.start();
        try {
            assertThat(one.onLaptop("echo one > /etc/who && cat /etc/who").output())
                    .isEqualTo("one\n");
            assertThat(other.onLaptop("cat /etc/who").exit()).isNotZero();
        } finally {
            one.end();
        }
        assertThat(other.inPod("TcpEcho", "curl -fsS -m 5 payroll.team-a:8080").exit()).isZero();
        other.end();
    }

    @Test
    void upStaysUntilDown() {
        assumeTrue(
                SandboxProcess.running().isEmpty(),
                "not run: upStaysUntilDown needs that no sandbox is up");

        assertThat(execute("status")).startsWith("1 No sandbox is up.");
        assertThat(execute("up")).startsWith("0 ").contains("Sandbox up in");
        assertThat(execute("up")).startsWith("0 The sandbox is already up");
        assertThat(execute("status")).startsWith("0 Sandbox up");
        assertThat(execute("shell", "--", "sh", "-c", "exit 3")).startsWith("3 ");
        Set<String> namespaces = namespaces(SandboxProcess.running().orElseThrow());

        assertThat(execute("down")).startsWith("0 Sandbox down.");

        assertThat(isEmpty(namespaces)).isTrue();
        assertThat(execute("down")).startsWith("0 No sandbox is up.");
        assertThat(execute("shell", "true")).startsWith("1 ").contains("tp sandbox up");
    }

    @Test
    void wrongUseIsTold() {
        assertThat(execute()).startsWith("2 ");
        assertThat(execute("run")).startsWith("2 ");
        assertThat(execute("fly")).startsWith("2 ");
        assertThat(execute("--help")).startsWith("0 Usage: tp sandbox");
    }

    /** {@return the exit code, a blank, and what was printed} */
    private static String execute(String... args) {
        StringWriter printed = new StringWriter();
        CommandLine line = Main.commandLine(new Main(JavaRuntime.current()));
        PrintWriter writer = new PrintWriter(printed);
        line.setOut(writer).setErr(writer);
        return line.execute(args) + " " + printed;
    }

    /** {@return the namespaces that a sandbox's processes are in and this process is not} */
    private static Set<String> namespaces(SandboxProcess sandbox) {
        Set<String> found = new TreeSet<>();
        sandbox.holder().descendants().forEach(process -> add(found, process.pid()));
        Set<String> ours = new TreeSet<>();
        add(ours, ProcessHandle.current().pid());
        found.removeAll(ours);
        return found;
    }

    private static boolean isEmpty(Set<String> namespaces) {
        Set<String> present = new TreeSet<>();
        ProcessHandle.allProcesses().forEach(process -> add(present, process.pid()));
        present.retainAll(namespaces);
        return present.isEmpty() && !Files.exists(Path.of("/run/tp-sandbox"));
    }

    private static void add(Set<String> namespaces, long pid) {
        for (String kind : List.of("net", "mnt", "pid", "user", "uts", "ipc")) {
            try {
                Path link = Path.of("/proc/" + pid + "/ns/" + kind);
                namespaces.add(Files.readSymbolicLink(link).toString());
            } catch (IOException e) {
                // The process has ended meanwhile, and with it its claim to a namespace.
                return;
            }
        }
    }
}
