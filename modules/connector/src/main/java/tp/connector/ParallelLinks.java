package tp.connector;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Welcome;

/**
 * Links beside the current one, over the same transport to the same manager, where one pipe bounds
 * all flows together ({@link tp.spi.transport.Transport#parallelLinks()}). They carry TCP flows and
 * nothing else; each is a session of its own. None is opened before a second flow is open at the
 * same time; from then on they stay as long as the link beside which they are.
 *
 * <p>The loss of one is nobody's business but its flows': another is opened in its place.
 */
final class ParallelLinks implements LinkListener.Owner {

    private static final System.Logger LOG = System.getLogger(ParallelLinks.class.getName());

    /** Opens them. */
    interface Opener {

        /**
         * Blocks until the link is proven.
         *
         * @throws IOException where it cannot be reached
         */
        OpenLink open(OpenLink beside, LinkListener listener) throws IOException;
    }

    private final Opener opener;
    private final Consumer<OpenLink> leave;
    private final Predicate<OpenLink> stale;

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private @Nullable OpenLink current;
    private final List<OpenLink> beside = new ArrayList<>();
    private Backoff backoff = new Backoff(RandomGenerator.getDefault());
    private boolean wanted;
    private boolean begun;
    private boolean closed;
    private int turn;

    /**
     * @param leave takes over links that get no new flows
     * @param stale whether the mapping has changed since a link was opened
     */
    ParallelLinks(Opener opener, Consumer<OpenLink> leave, Predicate<OpenLink> stale) {
        this.opener = opener;
        this.leave = leave;
        this.stale = stale;
    }

    /** {@return the links that were beside the one before} They are the caller's. */
    List<OpenLink> follow(Optional<OpenLink> newCurrent) {
        lock.lock();
        try {
            List<OpenLink> before = new ArrayList<>(beside);
            beside.clear();
            current = newCurrent.orElse(null);
            wanted = false;
            backoff = new Backoff(RandomGenerator.getDefault());
            changed.signalAll();
            return before;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the link for a new TCP flow: the one with the fewest} */
    OpenLink choose(OpenLink link) {
        lock.lock();
        try {
            if (!link.equals(current)) {
                return link;
            }
            if (!wanted && flows(link) > 0 && link.parallel() > 1) {
                wanted = true;
                begin();
                changed.signalAll();
            }
            return leastUsed(link);
        } finally {
            lock.unlock();
        }
    }

    /** Of equals each has its turn: of dials that are under way not all are counted yet. */
    private OpenLink leastUsed(OpenLink link) {
        List<OpenLink> all = new ArrayList<>(beside);
        all.add(link);
        turn = (turn + 1) % all.size();
        OpenLink least = all.get(turn);
        for (OpenLink one : all) {
            if (flows(one) < flows(least)) {
                least = one;
            }
        }
        return least;
    }

    private static int flows(OpenLink link) {
        return link.session().statistics().openFlows();
    }

    private void begin() {
        if (!begun) {
            begun = true;
            Thread.ofVirtual().name("parallel-links").start(this::open);
        }
    }

    /** One after the other, and each after a while that grows until the current link is another. */
    private void open() {
        for (Optional<OpenLink> due = next(); due.isPresent(); due = next()) {
            OpenLink link = due.get();
            try {
                keep(opener.open(link, new LinkListener(this)), link);
            } catch (IOException | RuntimeException | LinkageError e) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        "no link beside the current one: {0}",
                        e.toString());
            }
        }
    }

    /** {@return what another link is to be beside, empty where this is closed} */
    private Optional<OpenLink> next() {
        lock.lock();
        try {
            while (!closed) {
                OpenLink link = current;
                if (link == null || !wanted || beside.size() + 1 >= link.parallel()) {
                    changed.await();
                } else if (rest(link)) {
                    return Optional.of(link);
                }
            }
            return Optional.empty();
        } catch (InterruptedException e) {
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether that is the current link still, after a rest} */
    private boolean rest(OpenLink link) throws InterruptedException {
        long left = backoff.nextNs();
        while (left > 0 && !closed && link.equals(current)) {
            left = changed.awaitNanos(left);
        }
        return !closed && link.equals(current);
    }

    private void keep(OpenLink link, OpenLink whose) {
        boolean kept;
        lock.lock();
        try {
            kept = !closed && whose.equals(current) && !stale.test(link);
            if (kept) {
                beside.add(link);
            }
        } finally {
            lock.unlock();
        }
        if (kept) {
            LOG.log(System.Logger.Level.DEBUG, "one more link over {0}", link.transportId());
            // It may have ended before it was kept; then nobody else would notice.
            link.listener().ended().ifPresent(link.listener()::closed);
        } else {
            link.close();
        }
    }

    /** {@return those beside the current one} */
    List<OpenLink> links() {
        lock.lock();
        try {
            return List.copyOf(beside);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void updated(LinkListener listener, Welcome welcome) {
        // The current link is told the same.
    }

    /** Its flows may still come back; new ones take another. */
    @Override
    public void doubtful(LinkListener listener, String reason) {
        remove(listener, reason).ifPresent(leave);
    }

    @Override
    public void lost(LinkListener listener, String reason) {
        remove(listener, reason).ifPresent(OpenLink::close);
    }

    private Optional<OpenLink> remove(LinkListener listener, String reason) {
        lock.lock();
        try {
            Optional<OpenLink> found =
                    beside.stream().filter(one -> one.listener().equals(listener)).findFirst();
            found.ifPresent(beside::remove);
            if (found.isPresent()) {
                LOG.log(System.Logger.Level.DEBUG, "a link beside is lost: {0}", reason);
                changed.signalAll();
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** Opens none any more. {@return those that are open, which are the caller's} */
    List<OpenLink> end() {
        lock.lock();
        try {
            closed = true;
            return follow(Optional.empty());
        } finally {
            lock.unlock();
        }
    }
}
