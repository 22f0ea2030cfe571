package tp.tunnel;

import io.netty.channel.EventLoopGroup;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The open TCP flows of all clients of a manager, and for a while those whose connection was lost.
 * Any thread.
 */
final class KeptFlows {

    /**
     * Who has a flow, and which one it is.
     *
     * @param client without a key where it wants nothing kept
     */
    record Name(Clients.Name client, long id) {}

    private static final int MOST_ENDED = 4_096;

    private final FlowGrace grace;
    private final EventLoopGroup loops;
    private final Map<Name, KeptFlow> flows = new ConcurrentHashMap<>();

    /** Those without a stream. */
    private final ParkedFlows parked;

    private final LongAdder resumed = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /**
     * Flows that ended in order, and what had come of them: the last acknowledgement may be lost
     * with the link. The oldest make room.
     */
    private final Map<Name, Long> done = latest();

    /**
     * Flows that their client has given up, whose dial may be under way still. The oldest make room
     * here too.
     */
    private final Map<Name, Boolean> forsaken = latest();

    KeptFlows(FlowGrace grace, EventLoopGroup loops) {
        this.grace = grace;
        this.loops = loops;
        parked = new ParkedFlows(grace);
    }

    private static <V> Map<Name, V> latest() {
        return Collections.synchronizedMap(
                new LinkedHashMap<>() {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Name, V> eldest) {
                        return size() > MOST_ENDED;
                    }
                });
    }

    void add(KeptFlow flow) {
        if (keeps(flow.name())) {
            flows.put(flow.name(), flow);
        }
    }

    /** {@return how many can be found} */
    int flows() {
        return flows.size();
    }

    void remove(KeptFlow flow) {
        flows.remove(flow.name(), flow);
    }

    Optional<KeptFlow> find(Name name) {
        return Optional.ofNullable(flows.get(name));
    }

    void done(Name name, long received) {
        if (keeps(name)) {
            done.put(name, received);
        }
    }

    /** {@return below which everything had come, of a flow that has ended in order} */
    Optional<Long> doneAt(Name name) {
        return Optional.ofNullable(done.get(name));
    }

    void forsake(Name name) {
        if (keeps(name)) {
            forsaken.put(name, true);
        }
    }

    /**
     * {@return whether nobody wants the flow that is there now} To be asked when it can be found.
     */
    boolean isForsaken(Name name) {
        return forsaken.containsKey(name);
    }

    boolean keeps(Name name) {
        return !name.client().key().isEmpty() && !grace.time().isZero();
    }

    /**
     * {@return the end of its time} To be cancelled where it goes on before.
     *
     * @param over to be called then
     */
    Future<?> parked(KeptFlow flow, long bytes, Runnable over) {
        parked.add(flow, bytes).forEach(KeptFlow::drop);
        return loops.schedule(over, grace.time().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A flow goes on. */
    void resumed() {
        resumed.increment();
    }

    /** A flow is reset that has waited. */
    void dropped() {
        dropped.increment();
    }

    ServerStatistics.Kept statistics() {
        return new ServerStatistics.Kept(
                parked.count(), parked.bytes(), resumed.sum(), dropped.sum());
    }

    void unparked(KeptFlow flow) {
        parked.remove(flow);
    }
}
