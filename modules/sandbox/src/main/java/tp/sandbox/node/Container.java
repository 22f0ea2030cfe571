package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
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
    private static final long RETRY_MS = 1_000;
    private static final int MAX_MESSAGE = 4096;

    /** What a container has of its pod. */
    interface Surroundings {

        /**
         * @throws NotStartedException if this may be tried again later
         */
        ContainerProcess.Start prepare(JsonNode container) throws NotStartedException;

        Path directory();

        /** {@return the name of the pod's network namespace} */
        String networkName();

        InetAddress address();

        /** {@return how the pod is called in messages} */
        String title();

        long graceSeconds();

        /** To be called after every change of state. */
        void changed();

        void told(JsonNode container, Events.Telling telling);
    }

    private final JsonNode spec;
    private final Surroundings pod;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicInteger restarts = new AtomicInteger();

    private volatile ContainerState state;
    private volatile Optional<ContainerState> previous = Optional.empty();
    private volatile BoundedLog log = new BoundedLog(Clock.systemUTC());
    private volatile Optional<BoundedLog> previousLog = Optional.empty();
    private volatile boolean started;
    private volatile boolean ready;
    private volatile @Nullable ContainerProcess process;
    private boolean running;

    /**
     * @param state until it is started
     */
    Container(JsonNode spec, Surroundings pod, ContainerState.Waiting state) {
        this.spec = spec;
        this.pod = pod;
        this.state = state;
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

    boolean hasEverRun() {
        return process != null;
    }

    boolean isReady() {
        return ready && isRunning();
    }

    boolean isStarted() {
        return started && isRunning();
    }

    /** {@return whether this init container goes on beside the pod's other containers} */
    boolean isSidecar() {
        return Json.text(spec, "/restartPolicy").equals("Always");
    }

    BoundedLog log() {
        return log;
    }

    Optional<BoundedLog> previousLog() {
        return previousLog;
    }

    /** {@return whether the container will not run any more} */
    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** Waits until the program has started, as far as its startup probe tells, or never will. */
    void awaitStarted() throws InterruptedException {
        begun.await();
    }

    /**
     * Runs the container until it is stopped or its restart policy ends it.
     *
     * @param restart whether to start again after this exit code
     */
    void run(IntPredicate restart) {
        if (!enter()) {
            return;
        }
        try {
            long backoffS = 0;
            while (!isStopping()) {
                long startNs = System.nanoTime();
                Optional<ContainerState.Terminated> end = runOnce();
                if (end.isEmpty()) {
                    continue;
                }
                if (isStopping() || !restart.test(end.get().exitCode())) {
                    return;
                }
                previous = end.map(last -> last);
                restarts.incrementAndGet();
                if (System.nanoTime() - startNs > HEALTHY_AFTER_NS) {
                    backoffS = 0;
                }
                if (backoffS > 0) {
                    backOff(backoffS);
                }
                backoffS = Math.clamp(backoffS * 2, FIRST_BACKOFF_S, MAX_BACKOFF_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            begun.countDown();
            ended.countDown();
            pod.changed();
        }
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** {@return false where the container was stopped before it began} */
    private synchronized boolean enter() {
        running = !isStopping();
        return running;
    }

    private void backOff(long backoffS) throws InterruptedException {
        String message =
                "back-off %ds restarting failed container=%s pod=%s"
                        .formatted(backoffS, name(), pod.title());
        become(new ContainerState.Waiting("CrashLoopBackOff", message));
        warn(
                "BackOff",
                "Back-off restarting failed container " + name() + " in pod " + pod.title());
        stopping.await(backoffS, TimeUnit.SECONDS);
    }

    /** {@return how the program has ended; nothing if it could not be started} */
    private Optional<ContainerState.Terminated> runOnce() throws InterruptedException {
        try {
            ContainerProcess.Start start = pod.prepare(spec);
            Files.write(start.message(), new byte[0]);
            if (previous.isPresent()) {
                previousLog = Optional.of(log);
                log = new BoundedLog(Clock.systemUTC());
            }
            tell("Created", "Created container: " + name());
            return Optional.of(runOnce(start));
        } catch (NotStartedException e) {
            waitBecause(e);
        } catch (IOException | RuntimeException e) {
            waitBecause(
                    new NotStartedException(
                            "CreateContainerError", String.valueOf(e.getMessage())));
        }
        return Optional.empty();
    }

    private void waitBecause(NotStartedException e) throws InterruptedException {
        boolean isImage = e.reason().equals("ErrImagePull");
        var next = new ContainerState.Waiting(e.reason(), e.message());
        if (isImage && (state.equals(next) || state.equals(pullBackOff()))) {
            next = pullBackOff();
        }
        if (!state.equals(next)) {
            become(next);
            warn(
                    next.reason().equals("ImagePullBackOff") ? "BackOff" : "Failed",
                    isImage ? next.message() : "Error: " + next.message());
        }
        stopping.await(RETRY_MS, TimeUnit.MILLISECONDS);
    }

    private ContainerState.Waiting pullBackOff() {
        String image = Json.text(spec, "/image");
        return new ContainerState.Waiting(
                "ImagePullBackOff", "Back-off pulling image \"%s\"".formatted(image));
    }

    private ContainerState.Terminated runOnce(ContainerProcess.Start start)
            throws IOException, InterruptedException {
        String startedAt = Json.now();
        ContainerProcess program =
                ContainerProcess.start(start, pod.directory(), pod.networkName());
        process = program;
        become(new ContainerState.Running(startedAt));
        tell("Started", "Started container " + name());
        if (isStopping()) {
            program.kill();
        }
        int exit;
        Probes probes = probes(program);
        try {
            Thread.ofVirtual().start(() -> afterStart(program));
            log.copyFrom(program.output());
            exit = program.waitFor();
        } finally {
            probes.close();
            ready = false;
            started = false;
        }
        var end = new ContainerState.Terminated(exit, startedAt, Json.now(), message(start, exit));
        become(end);
        return end;
    }

    /** {@code terminationMessagePolicy}: from the file, or else from the end of the log. */
    private String message(ContainerProcess.Start start, int exit) throws IOException {
        try (InputStream in = Files.newInputStream(start.message())) {
            String said = new String(in.readNBytes(MAX_MESSAGE), StandardCharsets.UTF_8);
            boolean useLog =
                    Json.text(spec, "/terminationMessagePolicy").equals("FallbackToLogsOnError");
            return said.isEmpty() && useLog && exit != 0 ? log.end(MAX_MESSAGE / 2) : said;
        }
    }

    private Probes probes(ContainerProcess program) {
        return Probes.start(
                spec,
                part -> probe(part, program),
                new Probes.Verdicts() {
                    @Override
                    public void started() {
                        started = true;
                        begun.countDown();
                        pod.changed();
                    }

                    @Override
                    public void ready(boolean now) {
                        if (ready != now && process == program) {
                            ready = now;
                            pod.changed();
                        }
                    }

                    @Override
                    public void dead(String message) {
                        tell(
                                "Killing",
                                "Container %s %s, will be restarted".formatted(name(), message));
                        try {
                            program.end(pod.graceSeconds());
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }

                    @Override
                    public void failed(String message) {
                        warn("Unhealthy", message);
                    }
                });
    }

    private Probe probe(JsonNode part, ContainerProcess program) {
        return new Probe(part, spec, pod.address(), program::exec);
    }

    private void afterStart(ContainerProcess program) {
        JsonNode hook = spec.at("/lifecycle/postStart");
        if (!hook.isMissingNode()) {
            Hook.run(hook, probe(Hook.spec(hook), program))
                    .ifPresent(
                            failure -> {
                                warn("FailedPostStartHook", failure);
                                program.kill();
                            });
        }
    }

    /**
     * Asks the program to end, after its preStop hook, and ends it when the grace period is over.
     * Returns when it has ended.
     */
    void stop(long graceS) throws InterruptedException {
        synchronized (this) {
            stopping.countDown();
            if (!running) {
                return;
            }
        }
        ContainerProcess program = process;
        if (program != null && isRunning()) {
            tell("Killing", "Stopping container " + name());
            program.end(leftAfterHook(program, graceS));
        }
        ended.await();
    }

    /** The hook's time is part of the grace period, which is 2 s more at least. */
    private long leftAfterHook(ContainerProcess program, long graceS) {
        JsonNode hook = spec.at("/lifecycle/preStop");
        if (hook.isMissingNode() || graceS <= 0) {
            return graceS;
        }
        long startNs = System.nanoTime();
        Hook.run(hook, probe(Hook.spec(hook, graceS), program))
                .ifPresent(failure -> warn("FailedPreStopHook", failure));
        long goneS = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
        return Math.max(2, graceS - goneS);
    }

    /** Kills the program; its container is started again, as after any end of it. */
    void crash() {
        ContainerProcess program = process;
        if (program != null) {
            program.kill();
        }
    }

    /** Tells the program to end, as the end of its pod would. */
    void askToEnd() {
        ContainerProcess program = process;
        if (program != null) {
            program.askToEnd();
        }
    }

    /** Ends the program without grace, also while {@link #stop} waits for it. */
    void kill() {
        stopping.countDown();
        ContainerProcess program = process;
        if (program != null) {
            program.kill();
        }
    }

    Process exec(List<String> command) throws IOException {
        ContainerProcess program = process;
        if (program == null || !isRunning()) {
            throw new IOException("container not found (\"" + name() + "\")");
        }
        return program.exec(command);
    }

    ObjectNode status() {
        ObjectNode status = Json.object();
        status.put("name", name());
        state.write(status.putObject("state"));
        ObjectNode last = status.putObject("lastState");
        previous.ifPresent(before -> before.write(last));
        String image = Json.text(spec, "/image");
        ContainerProcess program = process;
        return status.put("ready", isReady())
                .put("restartCount", restarts.get())
                .put("image", image)
                .put("imageID", program == null ? "" : "sandbox://" + image)
                .put("containerID", program == null ? "" : "sandbox://" + program.pid())
                .put("started", isStarted());
    }

    private void become(ContainerState next) {
        state = next;
        pod.changed();
    }

    private void tell(String reason, String message) {
        pod.told(spec, new Events.Telling(false, reason, message));
    }

    private void warn(String reason, String message) {
        pod.told(spec, new Events.Telling(true, reason, message));
    }
}
