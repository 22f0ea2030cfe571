package tp.tunnel;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The TCP flows of one client, which outlive their links: while there is none they wait, and go on
 * over the next one, where the manager still has them. Any thread.
 */
public final class FlowKeep {

    /**
     * A client's sessions together, and what became of flows whose link was lost.
     *
     * @param waiting for a link
     * @param retained bytes of applications that the manager has not said to have
     * @param resumed how often a flow went on over another link
     * @param lostToRestart flows that were reset because the manager is another one
     * @param notKept flows that were reset because the manager had them no more
     * @param traffic payload and dropped datagrams, also of sessions that are over
     */
    public record Statistics(
            int waiting,
            long retained,
            long resumed,
            long lostToRestart,
            long notKept,
            Traffic traffic) {

        /** Of a client that has carried nothing. */
        public static final Statistics NONE = new Statistics(0, 0, 0, 0, 0, Traffic.NONE);

        public long lost() {
            return lostToRestart + notKept;
        }
    }

    /** Why the manager does not go on with a flow. */
    enum Loss {
        /** It is another process than the one that dialed. */
        RESTARTED,
        /**
         * The flow's time was over, there was no room for it, or it may not be reached any more.
         */
        NOT_KEPT
    }

    private static final int KEY_BYTES = 16;

    /** Flows that ended while nobody could be told; the manager's grace ends the others. */
    private static final int MOST_FORSAKEN = 4_096;

    private static final long RETRY_MS = 200;

    private final String key;
    private final AtomicLong ids = new AtomicLong();
    private final Set<ClientFlow> flows = ConcurrentHashMap.newKeySet();

    /** By their ids, so that those of before go on first. */
    private final Map<Long, ClientFlow> parked = new ConcurrentSkipListMap<>();

    private final Totals totals = new Totals();
    private final FlowMemory memory = FlowMemory.ofLaptop();
    private final Queue<Forsaken> forsaken = new ConcurrentLinkedQueue<>();
    private final AtomicInteger forsakenCount = new AtomicInteger();
    private final LongAdder resumed = new LongAdder();
    private final LongAdder lostToRestart = new LongAdder();
    private final LongAdder notKept = new LongAdder();
    private volatile @Nullable ClientSession carrier;
    private volatile boolean ended;

    /** A flow that this client has no more, and the manager may have. */
    record Forsaken(long id, long epoch) {}

    private FlowKeep(String key) {
        this.key = key;
    }

    /** {@return a keep with a secret of its own} Together with the token it opens its flows. */
    public static FlowKeep create() {
        byte[] secret = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(secret);
        return new FlowKeep(HexFormat.of().formatHex(secret));
    }

    /** {@return one that keeps nothing: the flows of a link are reset with it} */
    public static FlowKeep none() {
        FlowKeep keep = new FlowKeep("");
        keep.end();
        return keep;
    }

    String key() {
        return key;
    }

    long nextId() {
        return ids.getAndIncrement();
    }

    public Statistics statistics() {
        return new Statistics(
                parked.size(),
                flows.stream().mapToLong(flow -> flow.statistics().retained()).sum(),
                resumed.sum(),
                lostToRestart.sum(),
                notKept.sum(),
                totals.sum());
    }

    FlowMemory memory() {
        return memory;
    }

    /** {@return what its sessions carry, together} */
    Totals totals() {
        return totals;
    }

    /** From now on flows without a link go on over that session. */
    public void carry(ClientSession session) {
        carrier = session;
        if (ended) {
            return;
        }
        for (ClientFlow flow : List.copyOf(parked.values())) {
            goOn(flow, session);
        }
        tellForsaken();
    }

    /** {@return whether what that session has still goes on over another one} */
    boolean goesOnWithout(ClientSession session) {
        ClientSession to = carrier;
        return !ended && to != null && !to.equals(session);
    }

    /** The flows of that session, whose link still works, go on over the one that carries. */
    public void moveFrom(ClientSession left) {
        ClientSession to = carrier;
        if (to != null && !to.equals(left)) {
            left.handOver(to);
        }
    }

    /**
     * A flow has lost its link.
     *
     * @param failed whether the session that carries has just not taken it, which it may later
     */
    void park(ClientFlow flow, boolean failed) {
        parked.put(flow.id(), flow);
        ClientSession to = carrier;
        if (ended) {
            if (take(flow)) {
                flow.reset();
            }
        } else if (to != null && !to.isOver()) {
            if (failed) {
                to.loop().schedule(() -> goOn(flow, to), RETRY_MS, TimeUnit.MILLISECONDS);
            } else {
                goOn(flow, to);
            }
        }
    }

    private boolean take(ClientFlow flow) {
        return parked.remove(flow.id(), flow);
    }

    private void goOn(ClientFlow flow, ClientSession session) {
        if (take(flow)) {
            flow.goOnOver(session);
        }
    }

    /** A flow begins. */
    void opened(ClientFlow flow) {
        flows.add(flow);
    }

    /** A flow is over. */
    void ended(ClientFlow flow) {
        flows.remove(flow);
        take(flow);
    }

    /** A flow is over, and the manager does not know. */
    void forsake(Forsaken flow) {
        if (ended) {
            return;
        }
        if (forsakenCount.incrementAndGet() <= MOST_FORSAKEN) {
            forsaken.add(flow);
        } else {
            forsakenCount.decrementAndGet();
        }
        tellForsaken();
    }

    private void tellForsaken() {
        ClientSession to = carrier;
        if (to == null || to.isOver()) {
            return;
        }
        for (Forsaken one = forsaken.poll(); one != null; one = forsaken.poll()) {
            forsakenCount.decrementAndGet();
            to.forsake(one);
        }
    }

    void resumed() {
        resumed.increment();
    }

    void lost(Loss why) {
        switch (why) {
            case RESTARTED -> lostToRestart.increment();
            case NOT_KEPT -> notKept.increment();
        }
    }

    /** Resets what waits; nothing is kept any more. */
    public void end() {
        ended = true;
        for (ClientFlow flow : List.copyOf(parked.values())) {
            if (take(flow)) {
                flow.reset();
            }
        }
    }
}
