package tp.daemon;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import tp.host.Host;
import tp.host.HostSettings;
import tp.spi.common.TpException;

/**
 * A helper that is starting. That takes two processes of Java some time, in which other things can
 * be done: until a request is made it only repairs what sessions left that were killed.
 */
final class HelperStart implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(HelperStart.class.getName());

    private final FutureTask<Host> start;

    private HelperStart(HostSettings settings) {
        start =
                new FutureTask<>(
                        () -> {
                            Host host = Host.start(settings);
                            host.notes().forEach(HelperStart::log);
                            return host;
                        });
    }

    private static void log(String note) {
        LOG.log(System.Logger.Level.INFO, "helper: {0}", note);
    }

    /** Begins; a failure is told to whoever waits. */
    static HelperStart begin(HostSettings settings) {
        HelperStart helper = new HelperStart(settings);
        // Of its own, since it waits in the kernel's calls.
        Thread.ofPlatform().daemon().name("helper-start").start(helper.start);
        return helper;
    }

    /**
     * {@return the helper, which has started}
     *
     * @throws TpException where it could not
     */
    Host await() throws InterruptedException {
        try {
            return start.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof TpException told
                    ? told
                    : new IllegalStateException("starting the helper", e.getCause());
        }
    }

    /** Ends it, also where nobody has waited for it; where interrupted, this process's end does. */
    @Override
    public void close() {
        try {
            start.get().close();
        } catch (ExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "there was no helper", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
