package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The running program of a container, in namespaces of its own. */
final class ContainerProcess {

    /**
     * What a program is started with; made anew for each start.
     *
     * @param mounts the name of the mount list in the pod's directory
     * @param message where the program may say why it ended
     */
    record Start(
            List<String> command,
            Map<String, String> environment,
            Security security,
            String mounts,
            Path message) {}

    /** The tool that holds the namespaces; its only child is the program, process 1 in there. */
    private final Process holder;

    private final Start start;

    private ContainerProcess(Process holder, Start start) {
        this.holder = holder;
        this.start = start;
    }

    static ContainerProcess start(Start start, Path podDirectory, String network)
            throws IOException {
        List<String> line = new ArrayList<>();
        line.addAll(List.of("nsenter", "--net=/run/netns/" + network));
        line.addAll(List.of("unshare", "--mount", "--uts", "--ipc", "--pid", "--fork"));
        line.addAll(List.of("--kill-child=KILL", "sh"));
        line.add(Commands.scriptPath("container.sh").toString());
        line.addAll(List.of(podDirectory.toString(), start.mounts()));
        line.add(start.security().mayPing() ? "ping" : "no-ping");
        line.addAll(start.security().prefix());
        line.addAll(start.command());
        ContainerProcess process = new ContainerProcess(run(line, start, true), start);
        process.holder.getOutputStream().close();
        return process;
    }

    private static Process run(List<String> line, Start start, boolean joinsErrors)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(joinsErrors);
        builder.environment().clear();
        builder.environment().putAll(start.environment());
        return builder.start();
    }

    InputStream output() {
        return holder.getInputStream();
    }

    long pid() {
        return holder.pid();
    }

    int waitFor() throws InterruptedException {
        return holder.waitFor();
    }

    /** Asks the program to end, and ends it when the time is up. */
    void end(long graceS) throws InterruptedException {
        if (graceS > 0) {
            askToEnd();
        }
        if (graceS <= 0 || !holder.waitFor(graceS, TimeUnit.SECONDS)) {
            kill();
        }
    }

    void askToEnd() {
        program().forEach(ProcessHandle::destroy);
    }

    void kill() {
        program().forEach(ProcessHandle::destroyForcibly);
        holder.destroyForcibly();
    }

    private Stream<ProcessHandle> program() {
        return holder.children();
    }

    /** Runs another program where this one is. It ends with the process that is returned. */
    Process exec(List<String> command) throws IOException {
        ProcessHandle program =
                program().findFirst().orElseThrow(() -> new IOException("container not running"));
        List<String> line = new ArrayList<>();
        line.addAll(List.of("nsenter", "--target", Long.toString(program.pid())));
        line.addAll(List.of("--mount", "--net", "--uts", "--ipc", "--pid"));
        if (start.security().user() != 0) {
            line.addAll(List.of("--user", "--preserve-credentials"));
        }
        line.addAll(List.of("--wd", "--"));
        line.addAll(List.of(Commands.tool("setpriv"), "--pdeathsig", "KILL", "--"));
        line.addAll(start.security().restrictions());
        line.addAll(command);
        return run(line, start, false);
    }
}
