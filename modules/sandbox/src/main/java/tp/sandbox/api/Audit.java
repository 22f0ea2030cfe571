package tp.sandbox.api;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last requests, for tests that want to know who asked for what. */
final class Audit {

    private static final int MAX_ENTRIES = 10_000;

    private final Deque<AuditEntry> entries = new ArrayDeque<>();

    synchronized void add(AuditEntry entry) {
        entries.addLast(entry);
        if (entries.size() > MAX_ENTRIES) {
            entries.removeFirst();
        }
    }

    synchronized List<AuditEntry> entries() {
        return List.copyOf(entries);
    }
}
