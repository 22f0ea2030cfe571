package tp.daemon;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

    private final RunningSession.Starter starter;
    private final Supplier<List<PluginEntry>> installed;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Held by whoever begins or ends a session. */
    private final ReentrantLock changing = new ReentrantLock();

    private final AtomicReference<@Nullable RunningSession> session = new AtomicReference<>();
    private final AtomicReference<@Nullable Thread> connecting = new AtomicReference<>();

    /** Nothing begins any more, also while the session that there was is still being ended. */
    private volatile boolean ending;

    Requests(RunningSession.Starter starter, Supplier<List<PluginEntry>> installed) {
        this.starter = starter;
        this.installed = installed;
    }

    /** Waits until the daemon has nothing to do any more; false where the time is up first. */
    boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
        return ended.await(timeout, unit);
    }

    boolean idle() {
        return session.get() == null && connecting.get() == null;
    }

    @Override
    public void handle(Request request, Consumer<Reply> replies) {
        switch (request) {
            case Request.Connect connect -> connect(connect.settings(), replies);
            case Request.Status status -> replies.accept(new Reply.Status(report()));
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

    /** Restores the host and lets the daemon end. */
    void end() {
        ending = true;
        Thread trying = connecting.get();
        if (trying != null) {
            trying.interrupt();
        }
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

    private void connect(ConnectSettings settings, Consumer<Reply> replies) {
        Reply reply;
        changing.lock();
        try {
            connecting.set(Thread.currentThread());
            reply = connected(settings, replies);
        } catch (InterruptedException e) {
            reply =
                    failure(
                            new TpException(
                                    TpException.Category.TRANSIENT, "the attempt was ended", ""));
        } catch (RuntimeException | Error e) {
            reply = failure(e);
        } finally {
            connecting.set(null);
            changing.unlock();
        }
        try {
            replies.accept(reply);
        } finally {
            if (session.get() == null) {
                ended.countDown();
            }
        }
    }

    private Reply connected(ConnectSettings settings, Consumer<Reply> replies)
            throws InterruptedException {
        if (ending || ended.getCount() == 0) {
            throw new TpException(
                    TpException.Category.TRANSIENT, "the daemon is quitting", "run it again");
        }
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
                connecting.get() == null
                        ? StatusReport.SessionState.NOT_CONNECTED
                        : StatusReport.SessionState.CONNECTING,
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

    /** The connection is the sign of life that `tp quit` waits for: it ends with the process. */
    private static void awaitExit() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
