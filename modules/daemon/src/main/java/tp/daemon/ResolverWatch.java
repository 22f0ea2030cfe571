package tp.daemon;

import java.util.Optional;
import tp.spi.common.TpException;
import tp.spi.dns.ResolverEnvironment;

/**
 * Looks twice a second what other programs (a VPN, a DHCP client) do with the host's resolver. What
 * they write is the host's own from then on, and comes back when the session ends; tp's is put on
 * top again, but not for ever: whoever keeps on writing wins, and tp takes another strategy.
 */
final class ResolverWatch implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(ResolverWatch.class.getName());

    private static final long STEP_MS = 500;

    private static final long ENDING_MS = 2_000;

    private final String sessionId;
    private final NameTakeover takeover;
    private final RewriteLimit limit = new RewriteLimit();
    private final Settling<ResolverEnvironment> settling;
    private final Thread thread;

    ResolverWatch(String sessionId, NameTakeover takeover) {
        this.sessionId = sessionId;
        this.takeover = takeover;
        this.settling = new Settling<>(takeover.environment());
        this.thread = Thread.ofPlatform().daemon().name("tp-resolver-watch").unstarted(this::run);
    }

    ResolverWatch start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(STEP_MS);
                try {
                    look();
                } catch (TpException e) {
                    LOG.log(System.Logger.Level.WARNING, "the resolver: {0}", e.line());
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void look() throws InterruptedException {
        boolean overwritten = takeover.writes() && !HostResolver.isSessions();
        Optional<ResolverEnvironment> now = HostResolver.beneath(sessionId);
        if (now.isEmpty() || !settling.isOver(now.get(), overwritten)) {
            return;
        }
        if (overwritten) {
            LOG.log(System.Logger.Level.INFO, "another program wrote /etc/resolv.conf");
        }
        if (overwritten && !limit.take(System.nanoTime())) {
            takeover.giveUp(RewriteLimit.REASON);
        } else {
            takeover.changed(now.get(), overwritten);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(ENDING_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
