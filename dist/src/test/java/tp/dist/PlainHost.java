package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import tp.testkit.laptop.Laptop;

/**
 * A host in namespaces of its own, with an account that has no rights and no sudo, beside clusters.
 * Its routes lead the clusters' addresses elsewhere.
 */
final class PlainHost implements AutoCloseable {

    private static final String UID = "4243";
    private static final int FIRST_PORT = 6443;

    /** What of a host a session could change. */
    private static final String PICTURE =
            """
            ip -o link; ip -o addr; ip rule; ip -6 rule; ip route show table all
            ip -6 route show table all; nft list ruleset; ls -l /etc/resolv.conf
            cat /etc/resolv.conf /etc/nsswitch.conf; grep -v socket /proc/self/mountinfo
            """;

    private final Path folder;
    private final Process holder;

    /** What a script printed, errors with it, and how it ended. */
    record Result(int exit, String output) {}

    private PlainHost(Path folder, Process holder) {
        this.folder = folder;
        this.holder = holder;
    }

    /** Starts a host; kubeconfigs {@code k0}, {@code k1} … in the account's home lead to those. */
    static PlainHost start(Path folder, List<Laptop> clusters) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "--net", "--mount", "sh"));
        Path script = folder.resolve("plain-host.sh");
        try (var resource = PlainHost.class.getResourceAsStream("plain-host.sh")) {
            Files.copy(Objects.requireNonNull(resource), script);
        }
        Path image = Laptop.tp().getParent().getParent();
        run(List.of("cp", "-r", image.toString(), folder.resolve("image").toString()));
        run(List.of("chmod", "755", folder.toString()));
        command.addAll(List.of(script.toString(), folder.toString(), UID));
        for (int i = 0; i < clusters.size(); i++) {
            Path socket = folder.resolve("api" + i + ".sock");
            clusters.get(i)
                    .run(
                            "sed 's/:%d/:%d/' $KUBECONFIG >%s; setsid socat UNIX-LISTEN:%s,fork,mode=666 TCP:192.168.127.1:%d >/dev/null 2>&1 &"
                                    .formatted(
                                            FIRST_PORT,
                                            FIRST_PORT + i,
                                            folder.resolve("k" + i),
                                            socket,
                                            FIRST_PORT));
            command.add(socket.toString());
        }
        Process holder = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader said = holder.inputReader(StandardCharsets.UTF_8);
        PlainHost host = new PlainHost(folder, holder);
        String line = said.readLine();
        if (!"ready".equals(line)) {
            holder.destroy();
            throw new IllegalStateException("the host did not start: " + line);
        }
        host.root(
                "chmod 644 %1$s/k*; cp %1$s/k* %1$s/home; chown -R %2$s:%2$s %1$s/home"
                        .formatted(folder, UID));
        return host;
    }

    /** {@return what of this host a session could change, as it is} */
    String picture() throws Exception {
        return root(PICTURE).output();
    }

    /** Runs a script as root. */
    Result root(String script) throws Exception {
        return result(begin(enter(List.of("sh", "-c", script))));
    }

    /** Runs a script as the account, in its home. */
    Result user(String script) throws Exception {
        return result(beginAsUser(script));
    }

    /** Begins a script of the account; its input and output are the caller's. */
    Process beginAsUser(String script) throws IOException {
        return begin(enter(asUser(script)));
    }

    /** Runs a script of the account where another file is in the place of that one. */
    Result userWith(Path other, String place, String script) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-ec",
                                "mount --bind \"$1\" \"$2\"; shift 2; exec \"$@\"",
                                "sh",
                                other.toString(),
                                place));
        command.addAll(asUser(script));
        return result(begin(enter(command)));
    }

    private List<String> asUser(String script) {
        return List.of(
                "setpriv",
                "--reuid=" + UID,
                "--regid=" + UID,
                "--clear-groups",
                "env",
                "-i",
                "--chdir=" + folder.resolve("home"),
                "HOME=" + folder.resolve("home"),
                "XDG_RUNTIME_DIR=" + folder.resolve("run"),
                "KUBECONFIG=" + folder.resolve("home/k0"),
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin:" + folder.resolve("image/bin"),
                "sh",
                "-c",
                script);
    }

    private List<String> enter(List<String> command) {
        List<String> line = new ArrayList<>();
        line.addAll(List.of("nsenter", "--net", "--mount", "--target=" + holder.pid(), "--"));
        line.addAll(command);
        return line;
    }

    private static Process begin(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    static Result result(Process process) throws Exception {
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
        return new Result(process.exitValue(), output.strip());
    }

    /** {@return processes of the account, by their command lines} */
    List<String> processes() throws Exception {
        return root("ps -o args= -u " + UID).output().lines().filter(l -> !l.isBlank()).toList();
    }

    private static void run(List<String> command) throws Exception {
        Result result = result(begin(command));
        assertThat(result.exit()).as(result.output()).isZero();
    }

    @Override
    public void close() {
        try {
            holder.getOutputStream().close();
            holder.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
