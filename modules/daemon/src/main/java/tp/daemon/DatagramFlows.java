package tp.daemon;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tp.stack.FlowView;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/**
 * Flows of datagrams by their ends, on the TUN's thread. A flow ends after a time without a
 * datagram in either direction; where there are too many, the one that was idle longest makes room.
 *
 * @param <E> who hears what a flow brings
 */
final class DatagramFlows<E extends UdpListener> {

    /** Opens a flow in the tunnel. */
    @FunctionalInterface
    interface Opening<E> {
        UdpFlow open(FlowView key, E ears);
    }

    /** One flow. */
    static final class Flow<E> {
        private final UdpFlow tunnel;
        private final E ears;
        private final long sinceNs;
        private long lastNs;

        private Flow(UdpFlow tunnel, E ears, long sinceNs) {
            this.tunnel = tunnel;
            this.ears = ears;
            this.sinceNs = sinceNs;
        }

        E ears() {
            return ears;
        }
    }

    /** In the order of last use. */
    private final Map<FlowView, Flow<E>> flows = new LinkedHashMap<>(64, 0.75f, true);

    private final int most;
    private final long idleNs;
    private final Function<FlowView, E> ears;
    private final Opening<E> opening;
    private final AtomicLong evicted = new AtomicLong();

    DatagramFlows(int most, long idleNs, Function<FlowView, E> ears, Opening<E> opening) {
        this.most = most;
        this.idleNs = idleNs;
        this.ears = ears;
        this.opening = opening;
    }

    /** {@return the flow, opened if need be; null while there is nothing to open it in} */
    @Nullable Flow<E> use(FlowView view, long nowNs) {
        Flow<E> flow = flows.get(view);
        if (flow == null) {
            flow = open(view.copy(), nowNs);
        }
        if (flow != null) {
            flow.lastNs = nowNs;
        }
        return flow;
    }

    private @Nullable Flow<E> open(FlowView key, long nowNs) {
        if (flows.size() >= most) {
            Iterator<Flow<E>> oldest = flows.values().iterator();
            close(oldest.next());
            oldest.remove();
            evicted.incrementAndGet();
        }
        E listener = ears.apply(key);
        try {
            Flow<E> flow = new Flow<>(opening.open(key, listener), listener, nowNs);
            flows.put(key, flow);
            return flow;
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    /** Sends on a flow that is in use; the payload is borrowed. */
    void send(FlowView view, Flow<E> flow, ByteBuffer payload) {
        try {
            flow.tunnel.send(payload);
        } catch (RejectedExecutionException e) {
            flows.remove(view);
        }
    }

    /** An answer is on its way to the application. */
    void answered(FlowView view, long nowNs) {
        Flow<E> flow = flows.get(view);
        if (flow != null) {
            flow.lastNs = nowNs;
        }
    }

    /** The tunnel has ended the flow of that listener. */
    void ended(FlowView view, UdpListener listener) {
        Flow<E> flow = flows.get(view);
        if (flow != null && flow.ears.equals(listener)) {
            flows.remove(view);
        }
    }

    void expire(long nowNs) {
        Iterator<Flow<E>> oldest = flows.values().iterator();
        while (oldest.hasNext()) {
            Flow<E> flow = oldest.next();
            if (nowNs - flow.lastNs < idleNs) {
                return;
            }
            close(flow);
            oldest.remove();
        }
    }

    void closeAll() {
        flows.values().forEach(DatagramFlows::close);
        flows.clear();
    }

    List<LiveFlow> live(LiveFlow.Protocol protocol, long nowNs) {
        return flows.entrySet().stream()
                .map(
                        one ->
                                new LiveFlow(
                                        protocol,
                                        one.getKey().toKey(),
                                        nowNs - one.getValue().sinceNs,
                                        one.getValue().tunnel.statistics()))
                .toList();
    }

    int size() {
        return flows.size();
    }

    /** {@return flows that ended because there were too many} */
    long evicted() {
        return evicted.get();
    }

    private static void close(Flow<?> flow) {
        try {
            flow.tunnel.close();
        } catch (RejectedExecutionException e) {
            // The session's loop has ended, and all its flows with it.
        }
    }
}
