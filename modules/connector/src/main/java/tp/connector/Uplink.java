package tp.connector;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.transport.Endpoint;
import tp.tunnel.MappingRequest;
import tp.tunnel.Welcome;

/**
 * The link in use. It is replaced when it is lost, and when a better one works: then new flows take
 * the new one, and the old one stays until its last flow has ended.
 *
 * <p>One virtual thread at a time seeks a new link, one looks for a better one, one renews tokens,
 * one for each link that is left waits for its flows.
 */
final class Uplink implements SessionKeeper, LinkListener.Owner {

    private static final System.Logger LOG = System.getLogger(Uplink.class.getName());

    private static final long DRAIN_LOOK_NS = TimeUnit.SECONDS.toNanos(1);

    /** A load balancer may have got its address since the last reading. */
    private static final int LOOKS_PER_READING = 6;

    /** Links that are left and still have flows; the oldest is closed for the one after. */
    private static final int MAX_DRAINING = 8;

    /**
     * What an uplink is made of.
     *
     * @param manager reads anew where the manager is and which key it has
     * @param look between two looks for a better link
     */
    record Parts(
            LinkOpener links,
            ConnectorEvents events,
            Cluster cluster,
            Supplier<ManagerInfo> manager,
            Duration look) {}

    private final Parts parts;
    private final Remapping remapping;

    /** Beside the link in use; has a lock of its own, which is taken within this one's. */
    private final ParallelLinks parallel;

    /** One doubt at a time leads to a move. */
    private final AtomicBoolean moving = new AtomicBoolean();

    /** Guards all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private @Nullable OpenLink current;
    private final List<OpenLink> draining = new ArrayList<>();
    private boolean closed;
    private long reconnects;
    private String lastTransport = "";

    /** Why the link was lost last. */
    private Optional<String> loss = Optional.empty();

    /** Why the latest attempt to replace it failed, while it is away. */
    private Optional<String> failure = Optional.empty();

    Uplink(Parts parts) {
        this.parts = parts;
        remapping = new Remapping(parts.links(), this::current, this::links);
        parallel = new ParallelLinks(this::another, this::leave, remapping::isStale);
    }

    private OpenLink another(OpenLink beside, LinkListener listener) throws IOException {
        return parts.links()
                .another(
                        new LinkOpener.Target(parts.cluster(), beside.manager(), () -> listener),
                        beside.transportId());
    }

    /**
     * Opens the first link; the others come by themselves.
     *
     * @throws TpException with what is in the way
     */
    Welcome open(ManagerInfo manager) {
        OpenLink link = parts.links().open(to(manager));
        if (!publish(link)) {
            throw new TpException(TpException.Category.TRANSIENT, "the attempt was ended", "");
        }
        Thread.ofVirtual().name("token-renewal").start(this::renew);
        Thread.ofVirtual().name("better-link").start(this::improve);
        return link.session().welcome();
    }

    private LinkOpener.Target to(ManagerInfo manager) {
        return new LinkOpener.Target(parts.cluster(), manager, () -> new LinkListener(this));
    }

    @Override
    public Welcome remap(MappingRequest wanted) {
        return remapping.change(wanted);
    }

    @Override
    public boolean use(String transport) {
        Optional<OpenLink> before = current();
        if (before.filter(link -> link.transportId().equals(transport)).isPresent()) {
            parts.links().only(transport);
            return false;
        }
        LinkOpener.Target target =
                before.map(link -> to(link.manager())).orElseGet(() -> to(parts.manager().get()));
        move(parts.links().openOver(transport, target));
        if (before.isEmpty()) {
            countReconnect();
        }
        return true;
    }

    private Optional<OpenLink> current() {
        lock.lock();
        try {
            return Optional.ofNullable(current);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<ClusterSession> session() {
        return current().map(OpenLink::session);
    }

    @Override
    public Optional<ClusterSession> sessionForFlow() {
        return current().map(parallel::choose).map(OpenLink::session);
    }

    @Override
    public Optional<ClusterSession> await(Optional<ClusterSession> lost, long timeoutNs)
            throws InterruptedException {
        lock.lock();
        try {
            long left = timeoutNs;
            while (open(lost).isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return open(lost);
        } finally {
            lock.unlock();
        }
    }

    private Optional<ClusterSession> open(Optional<ClusterSession> lost) {
        return session().filter(open -> lost.filter(open::equals).isEmpty());
    }

    @Override
    public LinkState state() {
        lock.lock();
        try {
            return new LinkState(
                    current != null,
                    lastTransport,
                    flows(),
                    reconnects,
                    parts.links().kept(),
                    failure.or(() -> loss),
                    parts.links()
                            .standings()
                            .states(
                                    current == null ? "" : lastTransport,
                                    1 + parallel.links().size()),
                    Optional.empty());
        } finally {
            lock.unlock();
        }
    }

    private int flows() {
        return parts.links().kept().waiting()
                + links().stream().mapToInt(one -> one.session().statistics().openFlows()).sum();
    }

    @Override
    public Optional<LinkOpener.Target> target() {
        return current().map(link -> to(link.manager()));
    }

    @Override
    public Optional<Endpoint> endpoint() {
        return current().flatMap(link -> link.transport().endpoint());
    }

    @Override
    public void updated(LinkListener listener, Welcome welcome) {
        if (isCurrent(listener)) {
            parts.events().granted(welcome);
        }
    }

    private boolean isCurrent(LinkListener listener) {
        return current().filter(link -> link.listener().equals(listener)).isPresent();
    }

    @Override
    public void lost(LinkListener listener, String reason) {
        OpenLink link;
        List<OpenLink> beside;
        lock.lock();
        try {
            link = current;
            if (closed || link == null || !link.listener().equals(listener)) {
                return;
            }
            current = null;
            beside = parallel.follow(Optional.empty());
            draining.addAll(beside);
            loss = Optional.of(reason);
        } finally {
            lock.unlock();
        }
        beside.forEach(this::closeWhenIdle);
        LOG.log(System.Logger.Level.WARNING, "the link is lost: {0}", reason);
        parts.links().standings().failed(link.transportId(), reason);
        link.close();
        parts.events().lost(reason);
        reconnect();
    }

    /** The link may come back; until then another one serves whoever comes new. */
    @Override
    public void doubtful(LinkListener listener, String reason) {
        Optional<LinkOpener.Target> target = target();
        if (target.isEmpty() || !isCurrent(listener) || !moving.compareAndSet(false, true)) {
            return;
        }
        try {
            LOG.log(System.Logger.Level.WARNING, "the link is in doubt: {0}", reason);
            parts.links().standings().failed(state().transport(), reason);
            OpenLink other = parts.links().open(target.get());
            if (isCurrent(listener)) {
                note(reason);
                move(other);
                countReconnect();
            } else {
                other.close();
            }
        } catch (RuntimeException e) {
            failed(e);
        } finally {
            moving.set(false);
        }
    }

    private void note(String reason) {
        lock.lock();
        try {
            loss = Optional.of(reason);
        } finally {
            lock.unlock();
        }
    }

    /** An attempt that took long, as where nothing answers, is followed by the next at once. */
    private void reconnect() {
        Backoff backoff = new Backoff(RandomGenerator.getDefault());
        long beganNs = System.nanoTime();
        while (pause(backoff.nextNs() - (System.nanoTime() - beganNs)) && current().isEmpty()) {
            beganNs = System.nanoTime();
            Optional<OpenLink> link = sought();
            if (link.isPresent()) {
                if (publish(link.get())) {
                    countReconnect();
                    parts.events().granted(link.get().session().welcome());
                }
                return;
            }
        }
    }

    private Optional<OpenLink> sought() {
        try {
            // The manager may have moved, or have another key, since the last time.
            OpenLink link = parts.links().open(to(parts.manager().get()));
            if (parts.links().isWanted(link.transportId())) {
                return Optional.of(link);
            }
            link.close();
        } catch (RuntimeException e) {
            failed(e);
        }
        return Optional.empty();
    }

    private void countReconnect() {
        lock.lock();
        try {
            reconnects++;
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.INFO, "the link is back");
    }

    private void failed(RuntimeException e) {
        String line = e instanceof TpException known ? known.line() : e.toString();
        lock.lock();
        try {
            if (failure.equals(Optional.of(line))) {
                return;
            }
            failure = Optional.of(line);
        } finally {
            lock.unlock();
        }
        LOG.log(System.Logger.Level.WARNING, "still no link: {0}", line);
    }

    /** {@return whether it is in use now} Not where this was closed meanwhile, and it with it. */
    private boolean publish(OpenLink link) {
        List<OpenLink> before = new ArrayList<>();
        boolean published;
        lock.lock();
        try {
            published = !closed;
            if (published) {
                before.addAll(parallel.follow(Optional.of(link)));
                Optional.ofNullable(current).ifPresent(before::add);
                draining.addAll(before);
                current = link;
                lastTransport = link.transportId();
                failure = Optional.empty();
                parts.links().standings().taken(lastTransport, link.where());
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (published) {
            link.session().carry();
            remapping.follow(link);
            // A session may end before it is in use; then nobody else would notice.
            link.listener().ended().ifPresent(link.listener()::closed);
        } else {
            link.close();
        }
        before.forEach(old -> old.session().leave());
        before.forEach(this::closeWhenIdle);
        return published;
    }

    private void improve() {
        for (int look = 1; pause(parts.look().toNanos()); look++) {
            Optional<LinkOpener.Target> target = target();
            if (target.isPresent()) {
                try {
                    LinkOpener.Target to =
                            look % LOOKS_PER_READING == 0
                                    ? to(parts.manager().get())
                                    : target.get();
                    parts.links().better(to, state().transport()).ifPresent(this::move);
                } catch (RuntimeException e) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "looking for a better link: {0}",
                            e.toString());
                }
            }
        }
    }

    private void move(OpenLink better) {
        if (!parts.links().isWanted(better.transportId())) {
            better.close(); // the user has chosen another one meanwhile
        } else if (publish(better)) {
            LOG.log(System.Logger.Level.INFO, "moved to transport {0}", better.transportId());
            parts.events().granted(better.session().welcome());
        }
    }

    private void leave(OpenLink old) {
        boolean left;
        lock.lock();
        try {
            left = !closed;
            if (left) {
                draining.add(old);
            }
        } finally {
            lock.unlock();
        }
        if (left) {
            remapping.follow(old);
            old.session().leave();
            closeWhenIdle(old);
        } else {
            old.close();
        }
    }

    /** Closes one that is in {@link #draining} when its last flow has ended. */
    private void closeWhenIdle(OpenLink old) {
        Optional<OpenLink> oldest = Optional.empty();
        lock.lock();
        try {
            if (draining.size() > MAX_DRAINING) {
                oldest = Optional.of(draining.removeFirst());
            }
        } finally {
            lock.unlock();
        }
        oldest.ifPresent(OpenLink::close);
        Thread.ofVirtual().name("drain").start(() -> drain(old));
    }

    private void drain(OpenLink old) {
        while (pause(DRAIN_LOOK_NS)
                && old.listener().ended().isEmpty()
                && old.session().statistics().openFlows() > 0) {
            LOG.log(System.Logger.Level.TRACE, "{0} still has flows", old.transportId());
        }
        lock.lock();
        try {
            draining.remove(old);
        } finally {
            lock.unlock();
        }
        old.close();
    }

    /** {@return whether to go on after that wait} */
    private boolean pause(long waitNs) {
        long deadline = System.nanoTime() + waitNs;
        lock.lock();
        try {
            long left = waitNs;
            while (!closed && left > 0) {
                changed.awaitNanos(left);
                left = deadline - System.nanoTime();
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void renew() {
        long waitNs = TokenRenewal.FIRST_NS;
        while (pause(waitNs)) {
            waitNs = TokenRenewal.renew(links(), parts.cluster());
        }
    }

    private List<OpenLink> links() {
        lock.lock();
        try {
            List<OpenLink> links = new ArrayList<>(draining);
            links.addAll(parallel.links());
            if (current != null) {
                links.add(current);
            }
            return links;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        List<OpenLink> links;
        lock.lock();
        try {
            closed = true;
            links = parallel.end();
            links.addAll(links());
            current = null;
            draining.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        parts.links().end(); // before, so that no session takes another one for its successor
        OpenLink.closeAll(links);
    }
}
