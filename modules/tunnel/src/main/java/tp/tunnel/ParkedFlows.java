package tp.tunnel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A manager's flows that wait for their client, within a bound of all together. Where it is full,
 * the client that has the most of it gives room, by the flow of its own that waits the longest. Any
 * thread.
 */
final class ParkedFlows {

    private static final class Share {
        /** What each of them keeps, the longest parked first. */
        private final Map<KeptFlow, Long> flows = new LinkedHashMap<>();

        private long bytes;

        double partOf(FlowGrace bound) {
            return Math.max(
                    (double) bytes / bound.mostBytes(), (double) flows.size() / bound.mostFlows());
        }
    }

    private final FlowGrace bound;

    /** All below is guarded by this. */
    private final Map<Clients.Name, Share> shares = new HashMap<>();

    private int count;
    private long bytes;

    ParkedFlows(FlowGrace bound) {
        this.bound = bound;
    }

    /** {@return the flows that are here no more and have to be dropped} */
    synchronized Collection<KeptFlow> add(KeptFlow flow, long keptBytes) {
        Share mine = shares.computeIfAbsent(flow.name().client(), ignored -> new Share());
        mine.flows.put(flow, keptBytes);
        mine.bytes += keptBytes;
        bytes += keptBytes;
        count++;
        List<KeptFlow> dropped = new ArrayList<>();
        while (count > 0 && (bytes > bound.mostBytes() || count > bound.mostFlows())) {
            KeptFlow oldest = greediest().flows.keySet().iterator().next();
            remove(oldest);
            dropped.add(oldest);
        }
        return dropped;
    }

    private Share greediest() {
        return shares.values().stream()
                .max(Comparator.comparingDouble(share -> share.partOf(bound)))
                .orElseThrow();
    }

    synchronized void remove(KeptFlow flow) {
        Clients.Name client = flow.name().client();
        Share share = shares.get(client);
        Long kept = share == null ? null : share.flows.remove(flow);
        if (share == null || kept == null) {
            return;
        }
        count--;
        bytes -= kept;
        share.bytes -= kept;
        if (share.flows.isEmpty()) {
            shares.remove(client);
        }
    }

    synchronized int count() {
        return count;
    }

    synchronized long bytes() {
        return bytes;
    }
}
