package tp.dns;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/**
 * Answers of the cluster for as long as their time to live allows, positive and negative (RFC
 * 2308). Bounded by number and by bytes; what was used longest ago goes first. Any thread.
 */
final class AnswerCache {

    static final int MAX_ENTRIES = 10_000;
    private static final long MAX_BYTES = 8 << 20;

    /** What makes two questions the same. */
    record Key(Name fullName, int type, boolean dnssecOk, boolean checkingDisabled) {}

    /** An answer, and how old it is. */
    record Hit(ClusterAnswer answer, long ageNs) {}

    private record Entry(ClusterAnswer answer, long storedNs) {
        boolean fresh(long nowNs) {
            return nowNs - storedNs < answer.ttlSeconds() * 1_000_000_000L;
        }
    }

    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    synchronized @Nullable Hit find(Key key, long nowNs) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (!entry.fresh(nowNs)) {
            remove(key);
            return null;
        }
        return new Hit(entry.answer, nowNs - entry.storedNs);
    }

    synchronized void store(Key key, ClusterAnswer answer, long nowNs) {
        if (answer.ttlSeconds() <= 0) {
            return;
        }
        remove(key);
        entries.put(key, new Entry(answer, nowNs));
        bytes += answer.bytes();
        Iterator<Entry> eldest = entries.values().iterator();
        while (entries.size() > MAX_ENTRIES || bytes > MAX_BYTES) {
            bytes -= eldest.next().answer.bytes();
            eldest.remove();
        }
    }

    synchronized int size() {
        return entries.size();
    }

    private void remove(Key key) {
        Entry old = entries.remove(key);
        if (old != null) {
            bytes -= old.answer.bytes();
        }
    }
}
