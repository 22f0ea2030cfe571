package tp.manager;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How often one address may ask to be let in. All who come by port-forward share the address of
 * their node, or loopback: the limit is for floods, not for people.
 */
final class PeerLimit {

    /** Of sessions: so many laptops may come back at once through one node. */
    static final int SESSIONS = 400;

    /** Of whatever else costs a request to the API server. */
    static final int OTHERS = 40;

    private static final long REFILL_ALL_NS = 8_000_000_000L;
    private static final int MAX_PEERS = 4096;

    private record Bucket(long tokens, long sinceNs) {}

    private final LongSupplier nanoClock;
    private final int burst;
    private final long refillNs;
    private final Map<InetAddress, Bucket> buckets =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
                    return size() > MAX_PEERS;
                }
            };

    /**
     * @param burst may come at once, and in each 8 s after it
     */
    PeerLimit(LongSupplier nanoClock, int burst) {
        this.nanoClock = nanoClock;
        this.burst = burst;
        refillNs = REFILL_ALL_NS / burst;
    }

    synchronized boolean admits(InetAddress peer) {
        long now = nanoClock.getAsLong();
        Bucket bucket = buckets.getOrDefault(peer, new Bucket(burst, now));
        long refilled = (now - bucket.sinceNs) / refillNs;
        long tokens = Math.min(burst, bucket.tokens + refilled);
        long since = bucket.sinceNs + refilled * refillNs;
        buckets.put(peer, new Bucket(Math.max(0, tokens - 1), since));
        return tokens > 0;
    }
}
