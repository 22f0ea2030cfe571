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

    private static final int BURST = 400;
    private static final long REFILL_NS = 20_000_000L;
    private static final int MAX_PEERS = 4096;

    private record Bucket(long tokens, long sinceNs) {}

    private final LongSupplier nanoClock;
    private final Map<InetAddress, Bucket> buckets =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
                    return size() > MAX_PEERS;
                }
            };

    PeerLimit(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    synchronized boolean admits(InetAddress peer) {
        long now = nanoClock.getAsLong();
        Bucket bucket = buckets.getOrDefault(peer, new Bucket(BURST, now));
        long refilled = (now - bucket.sinceNs) / REFILL_NS;
        long tokens = Math.min(BURST, bucket.tokens + refilled);
        long since = bucket.sinceNs + refilled * REFILL_NS;
        buckets.put(peer, new Bucket(Math.max(0, tokens - 1), since));
        return tokens > 0;
    }
}
