package tp.daemon;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tp.control.Build;
import tp.control.ConnectSettings;
import tp.control.ControlServer;
import tp.control.Finding;
import tp.control.FlowEntry;
import tp.control.PluginEntry;
import tp.control.Reply;
import tp.control.Request;
import tp.control.StatusReport;
import tp.spi.common.TpException;

/**
 * Answers the command line. The daemon lives as long as its session: it ends when the first connect
 * fails, when the session is lost for good, and when it is told to quit.
 */
final class Requests implements ControlServer.Handler {

    private static final System.Logger LOG = System.getLogger(Requests.class.getName());

    /** Tries what a connect needs. */
    @FunctionalInterface
    interface Examiner {

        /**
         * {@return what came of it}
         *
         * @param connected whether a session has the host's device and names
         * @param progress takes a line for each step
         */
        List<Finding> examine(
                ConnectSettings settings, boolean connected, Consumer<Reply.Progress> progress)
                throws InterruptedException;
    }

    private final RunningSession.Starter starter;
    private final Examiner examiner;
    private final Supplier<List<PluginEntry>> installed;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Held by whoever begins or ends a session. */
    private final ReentrantLock changing = new ReentrantLock();

    private final AtomicReference<@Nullable RunningSession> session = new AtomicReference<>();

    /** Those that connect or examine; whoever ends the daemon interrupts them. */
    private final Set<Thread> trying = ConcurrentHashMap.newKeySet();

    private volatile boolean connecting;

    /** Nothing begins any more, also while the session that there was is still being ended. */
    private volatile boolean ending;

    Requests(
            RunningSession.Starter starter,
            Examiner examiner,
            Supplier<List<PluginEntry>> installed) {
        this.starter = starter;
        this.examiner = examiner;
        this.installed = installed;
    }

    /** Waits until the daemon has nothing to do any more; false where the time is up first. */
    boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
        return ended.await(timeout, unit);
    }

    boolean idle() {
        return session.get() == null && trying.isEmpty();
    }

    @Override
    public void handle(Request request, Consumer<Reply> replies) {
        switch (request) {
            case Request.Connect connect -> connect(connect.settings(), replies);
            case Request.Status status -> replies.accept(new Reply.Status(report()));
            case Request.Flows flows -> flows(replies);
            case Request.Plugins plugins -> replies.accept(new Reply.Plugins(plugins()));
            case Request.Intercept wanted ->
                    replies.accept(
                            changed(
                                    running ->
                                            running.intercept(wanted.name(), wanted.namespace())));
            case Request.Leave left ->
                    replies.accept(
                            changed(
                                    running -> {
                                        running.leave(left.name());
                                        return new Reply.Done();
                                    }));
            case Request.Examine examine -> examine(examine.settings(), replies);
            case Request.Quit quit -> {
                try {
                    end();
                    replies.accept(new Reply.Done());
                } finally {
                    ended.countDown();
                }
                awaitExit();
            }
        }
    }

    private void flows(Consumer<Reply> replies) {
        RunningSession running = session.get();
        try {
            List<FlowEntry> flows = running == null ? List.of() : running.flows();
            Reply.Flows.of(flows).forEach(replies);
        } catch (RuntimeException | Error e) {
            replies.accept(failure(e));
        }
    }

    /** Nobody waits for what comes of an attempt any more. */
    @Override
    public void left(Thread handling) {
        if (trying.contains(handling)) {
            handling.interrupt();
        }
    }

    /** Restores the host and lets the daemon end. */
    void end() {
        ending = true;
        trying.forEach(Thread::interrupt);
        changing.lock();
        try {
            RunningSession running = session.getAndSet(null);
            if (running != null) {
                running.close();
            }
        } finally {
            changing.unlock();
        }
    }

    /** Ends the session as {@link Request.Quit} does. */
    void stop() {
        try {
            end();
        } finally {
            ended.countDown();
        }
    }

    private void connect(ConnectSettings settings, Consumer<Reply> replies) {
        Reply reply;
        boolean begun;
        changing.lock();
        try {
            connecting = true;
            boolean before = session.get() != null;
            reply = attempt(() -> connected(settings, replies));
            begun = !before && session.get() != null;
        } finally {
            connecting = false;
            changing.unlock();
        }
        try {
            last(reply, replies);
        } catch (UncheckedIOException e) {
            if (begun) {
                stop(); // whoever wanted the session is gone, and was not told of it
            }
            throw e;
        }
    }

    /** Where there is no session none begins meanwhile, which would try the same on this host. */
    private void examine(ConnectSettings settings, Consumer<Reply> replies) {
        Optional<Reply> alone = Optional.empty();
        changing.lock();
        try {
            if (session.get() == null) {
                alone = Optional.of(examined(settings, false, replies));
            }
        } finally {
            changing.unlock();
        }
        last(alone.orElseGet(() -> examined(settings, true, replies)), replies);
        if (ended.getCount() == 0) {
            awaitExit();
        }
    }

    private Reply examined(ConnectSettings settings, boolean connected, Consumer<Reply> replies) {
        return attempt(
                () -> new Reply.Examined(examiner.examine(settings, connected, replies::accept)));
    }

    /** {@return what came of something that may have to be interrupted} */
    private Reply attempt(Callable<Reply> what) {
        trying.add(Thread.currentThread());
        try {
            if (ending || ended.getCount() == 0) {
                throw new TpException(
                        TpException.Category.TRANSIENT, "the daemon is quitting", "run it again");
            }
            return what.call();
        } catch (InterruptedException e) {
            return failure(
                    new TpException(TpException.Category.TRANSIENT, "the attempt was ended", ""));
        } catch (Exception | Error e) {
            return failure(e);
        } finally {
            trying.remove(Thread.currentThread());
        }
    }

    /** The daemon ends after it if no session is left, and none is begun by now. */
    private void last(Reply reply, Consumer<Reply> replies) {
        try {
            replies.accept(reply);
        } finally {
            changing.lock();
            try {
                if (session.get() == null) {
                    ended.countDown();
                }
            } finally {
                changing.unlock();
            }
        }
    }

    private Reply connected(ConnectSettings settings, Consumer<Reply> replies)
            throws InterruptedException {
        RunningSession running = session.get();
        if (running == null) {
            RunningSession begun = starter.begin(settings, replies::accept, this::lost);
            session.set(begun);
            return begun.connected();
        }
        List<String> differing = running.differing(settings);
        if (differing.isEmpty()) {
            return running.again(settings, replies::accept);
        }
        throw TpException.environment(
                "this machine is connected already, with another " + String.join(", ", differing),
                "run `tp quit` first, then connect again");
    }

    private Reply changed(Function<RunningSession, Reply> change) {
        changing.lock();
        try {
            RunningSession running = session.get();
            if (running == null) {
                throw TpException.environment(
                        "this machine is not connected", "run `tp connect` first");
            }
            return change.apply(running);
        } catch (RuntimeException | Error e) {
            return failure(e);
        } finally {
            changing.unlock();
        }
    }

    private void lost(String reason) {
        LOG.log(System.Logger.Level.ERROR, "the session ends: {0}", reason);
        Thread.ofVirtual()
                .name("session-lost")
                .start(
                        () -> {
                            end();
                            ended.countDown();
                        });
    }

    private StatusReport report() {
        RunningSession running = session.get();
        if (running != null) {
            return running.report();
        }
        StatusReport none = StatusReport.notRunning();
        return new StatusReport(
                none.rootDaemon(),
                self(),
                connecting
                        ? StatusReport.SessionState.CONNECTING
                        : StatusReport.SessionState.NOT_CONNECTED,
                none.cluster(),
                none.dns(),
                none.routes(),
                none.link(),
                none.traffic(),
                none.intercepts());
    }

    /** {@return this process} */
    static StatusReport.DaemonState self() {
        return new StatusReport.DaemonState(
                true, OptionalLong.of(ProcessHandle.current().pid()), Build.version());
    }

    private List<PluginEntry> plugins() {
        return Optional.ofNullable(session.get()).map(RunningSession::plugins).orElseGet(installed);
    }

    static Reply.Failed failure(Throwable e) {
        if (e instanceof TpException known && known.category() != TpException.Category.BUG) {
            LOG.log(System.Logger.Level.WARNING, "refused: {0}", known.line());
        } else {
            LOG.log(System.Logger.Level.ERROR, "failed", e);
        }
        return e instanceof TpException known ? Reply.Failed.of(known) : Reply.Failed.bug(e);
    }

    /** The connection is the sign of life that the asker waits for: it ends with the process. */
    private static void awaitExit() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
