package tp.sandbox.node;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One container of a pod: starts its program, starts it again when it ends, tells how it is. Its
 * life is one virtual thread; its state may be read by any.
 */
final class Container {

    /** Kubernetes' kubelet: first restart at once, then 10 s, doubling up to 5 minutes. */
    private static final long FIRST_BACKOFF_S = 10;

    private static final long MAX_BACKOFF_S = 300;
    private static final long HEALTHY_AFTER_NS = TimeUnit.MINUTES.toNanos(10);
    private static final long IMAGE_BACKOFF_MS = 1_000;

    /** What a program is started with; made anew for each start. */
    record Start(List<String> command, Map<String, String> environment, String mounts) {}

    private final JsonNode spec;
    private final Path directory;
    private final String namespace;
    private final Supplier<Optional<Start>> starts;
    private final Runnable changed;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private volatile ContainerState state = new ContainerState.Waiting("ContainerCreating", "");
    private volatile Optional<ContainerState> previous = Optional.empty();
    private volatile BoundedLog log = new BoundedLog(Clock.systemUTC());
    private volatile Optional<BoundedLog> previousLog = Optional.empty();
    private final AtomicInteger restarts = new AtomicInteger();
    private volatile boolean ready;
    private boolean begun;
    private volatile @Nullable Process process;

    /**
     * @param directory the pod's
     * @param namespace the name of the pod's network namespace
     * @param starts how to start it; empty where the image is unknown
     * @param changed called after every change of state
     */
    Container(
            JsonNode spec,
            Path directory,
            String namespace,
            Supplier<Optional<Start>> starts,
            Runnable changed) {
        this.spec = spec;
        this.directory = directory;
        this.namespace = namespace;
        this.starts = starts;
        this.changed = changed;
        this.state = new ContainerState.Waiting("ContainerCreating", "");
    }

    String name() {
        return Json.text(spec, "/name");
    }

    ContainerState state() {
        return state;
    }

    boolean isRunning() {
        return state instanceof ContainerState.Running;
    }

    /** {@return whether the program has done what it was there for} */
    boolean hasSucceeded() {
        return hasEnded() && state instanceof ContainerState.Terminated end && end.exitCode() == 0;
    }

    boolean isReady() {
        return ready && isRunning();
    }

    BoundedLog log() {
        return log;
    }

    Optional<BoundedLog> previousLog() {
        return previousLog;
    }

    /** {@return whether no program runs and none will be started any more} */
    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    JsonNode spec() {
        return spec;
    }

    void ready(boolean now) {
        if (ready != now) {
            ready = now;
            changed.run();
        }
    }

    /**
     * Runs the container until it is stopped or its restart policy ends it.
     *
     * @param restart whether to start again after this exit code
     */
    void run(IntPredicate restart) {
        if (!begin()) {
            return;
        }
        try {
            long backoffS = 0;
            while (stopping.getCount() > 0) {
                long startNs = System.nanoTime();
                boolean again = runAndJudge(restart);
                if (!again) {
                    return;
                }
                if (System.nanoTime() - startNs > HEALTHY_AFTER_NS) {
                    backoffS = 0;
                }
                if (backoffS > 0) {
                    becomeBackingOff(backoffS);
                    stopping.await(backoffS, TimeUnit.SECONDS);
                }
                backoffS = Math.clamp(backoffS * 2, FIRST_BACKOFF_S, MAX_BACKOFF_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
            changed.run();
        }
    }

    /** {@return false where the container was stopped before it began} */
    private synchronized boolean begin() {
        begun = stopping.getCount() > 0;
        return begun;
    }

    private boolean runAndJudge(IntPredicate restart) throws InterruptedException {
        try {
            Optional<Start> start = starts.get();
            if (start.isEmpty()) {
                unknownImage();
                return false;
            }
            ContainerState.Terminated end = runOnce(start.get());
            if (stopping.getCount() == 0 || !restart.test(end.exitCode())) {
                return false;
            }
            previous = Optional.of(end);
            restarts.incrementAndGet();
        } catch (IOException | RuntimeException e) {
            become(
                    new ContainerState.Waiting(
                            "CreateContainerError", String.valueOf(e.getMessage())));
            stopping.await(FIRST_BACKOFF_S, TimeUnit.SECONDS);
        }
        return true;
    }

    private void becomeBackingOff(long backoffS) {
        if (state instanceof ContainerState.Terminated) {
            become(
                    new ContainerState.Waiting(
                            "CrashLoopBackOff",
                            "back-off %ds restarting failed container=%s"
                                    .formatted(backoffS, name())));
        }
    }

    /** Asks the program to end, and ends it after the grace period. Returns when it has ended. */
    void stop(long graceS) throws InterruptedException {
        synchronized (this) {
            stopping.countDown();
            if (!begun) {
                return;
            }
        }
        Process running = process;
        if (running != null && running.isAlive()) {
            if (graceS > 0) {
                // The held process is the namespace's holder; its child is the program.
                running.children().forEach(ProcessHandle::destroy);
            }
            if (graceS <= 0 || !running.waitFor(graceS, TimeUnit.SECONDS)) {
                running.children().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
            }
        }
        ended.await();
    }

    ObjectNode status() {
        ObjectNode status = Json.object();
        status.put("name", name());
        state.write(status.putObject("state"));
        ObjectNode last = status.putObject("lastState");
        previous.ifPresent(before -> before.write(last));
        String image = Json.text(spec, "/image");
        boolean pulled =
                !(state instanceof ContainerState.Waiting waiting)
                        || waiting.reason().equals("CrashLoopBackOff");
        Process running = process;
        return status.put("ready", isReady())
                .put("restartCount", restarts.get())
                .put("image", image)
                .put("imageID", pulled ? "sandbox://" + image : "")
                .put("containerID", running == null ? "" : "sandbox://" + running.pid())
                .put("started", isRunning());
    }

    private ContainerState.Terminated runOnce(Start start)
            throws IOException, InterruptedException {
        String startedAt = Json.now();
        Process started = start(start);
        process = started;
        become(new ContainerState.Running(startedAt));
        if (stopping.getCount() == 0) {
            started.destroyForcibly();
        }
        log.copyFrom(started.getInputStream());
        int exit = started.waitFor();
        ready = false;
        var end = new ContainerState.Terminated(exit, startedAt, Json.now());
        become(end);
        return end;
    }

    private Process start(Start start) throws IOException {
        if (previous.isPresent()) {
            previousLog = Optional.of(log);
        }
        log = new BoundedLog(Clock.systemUTC());
        List<String> line = new ArrayList<>();
        line.addAll(List.of("nsenter", "--net=/run/netns/" + namespace));
        line.addAll(List.of("unshare", "--mount", "--uts", "--ipc", "--pid", "--fork"));
        line.addAll(List.of("--kill-child=KILL", "sh"));
        line.add(Commands.scriptPath("container.sh").toString());
        line.addAll(List.of(directory.toString(), start.mounts()));
        line.addAll(start.command());
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(start.environment());
        Process started = builder.start();
        started.getOutputStream().close();
        return started;
    }

    private void unknownImage() throws InterruptedException {
        String image = Json.text(spec, "/image");
        become(
                new ContainerState.Waiting(
                        "ErrImagePull",
                        "failed to pull image \"%s\": the sandbox brings no such program"
                                .formatted(image)));
        if (!stopping.await(IMAGE_BACKOFF_MS, TimeUnit.MILLISECONDS)) {
            become(
                    new ContainerState.Waiting(
                            "ImagePullBackOff", "Back-off pulling image \"%s\"".formatted(image)));
            stopping.await();
        }
    }

    private void become(ContainerState next) {
        state = next;
        changed.run();
    }
}
