package tp.manager;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Addresses outside the cluster that one session may reach because its own questions were answered
 * with them: for their time to live and a while more. Any thread.
 */
final class Permits {

    static final int MAX_ADDRESSES = 4096;

    /** What the administrator permits belongs to no namespace, and is granted to everybody. */
    static final String NO_NAMESPACE = "";

    /** Names of that many namespaces may lead to one address. */
    private static final int MAX_NAMESPACES = 16;

    /** Whoever resolved a name connects a little later, and once more if that did not work. */
    private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(60);

    private static final long MAX_TTL_SECONDS = 3600;

    /**
     * For each namespace, until when new flows may begin; the address that was resolved last is the
     * last. What is over is kept while there is room: for the flows that are open.
     */
    private final Map<InetAddress, Map<String, Long>> permits =
            new LinkedHashMap<>(16, 0.75f, true);

    private final LongSupplier nanoClock;

    Permits(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** A name of the namespace was answered with the address. */
    synchronized void add(InetAddress address, String namespace, long ttlSeconds) {
        long lifeNs = TimeUnit.SECONDS.toNanos(Math.clamp(ttlSeconds, 0, MAX_TTL_SECONDS));
        put(address, namespace, nanoClock.getAsLong() + lifeNs + GRACE_NS);
    }

    /** A flow to that address goes on in this session; no other may begin for that. */
    void follow(Permits before, InetAddress address) {
        Set<String> namespaces = before.namespaces(address);
        long now = nanoClock.getAsLong();
        synchronized (this) {
            namespaces.forEach(namespace -> put(address, namespace, now));
        }
    }

    private synchronized Set<String> namespaces(InetAddress address) {
        return Set.copyOf(permits.getOrDefault(address, Map.of()).keySet());
    }

    private void put(InetAddress address, String namespace, long until) {
        Map<String, Long> namespaces = permits.computeIfAbsent(address, key -> new HashMap<>());
        if (namespaces.size() < MAX_NAMESPACES || namespaces.containsKey(namespace)) {
            namespaces.merge(namespace, until, (one, other) -> one - other > 0 ? one : other);
        }
        if (permits.size() > MAX_ADDRESSES) {
            Iterator<InetAddress> eldest = permits.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }

    /**
     * {@return whether a flow may begin}
     *
     * @param granted namespaces at this moment
     */
    synchronized boolean allows(InetAddress address, Set<String> granted) {
        long now = nanoClock.getAsLong();
        return permits.getOrDefault(address, Map.of()).entrySet().stream()
                .anyMatch(one -> isGranted(one.getKey(), granted) && one.getValue() - now > 0);
    }

    /** {@return whether a flow that began once may go on} */
    synchronized boolean allowed(InetAddress address, Set<String> granted) {
        return permits.getOrDefault(address, Map.of()).keySet().stream()
                .anyMatch(namespace -> isGranted(namespace, granted));
    }

    private static boolean isGranted(String namespace, Set<String> granted) {
        return namespace.equals(NO_NAMESPACE) || granted.contains(namespace);
    }

    synchronized int size() {
        return permits.size();
    }
}
