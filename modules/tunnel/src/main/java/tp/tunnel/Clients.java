package tp.tunnel;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** The clients of a manager, each with all its connections. Any thread. */
final class Clients {

    /**
     * One laptop's session.
     *
     * @param subject who has proven to be let in
     * @param key the client's own, a secret; those of one account that have none count as one
     */
    record Name(String subject, String key) {
        @Override
        public String toString() {
            return "Name[subject=" + subject + "]";
        }
    }

    private record Present(FlowMemory memory, int connections) {

        /** Flows that wait for their client hold something still. */
        boolean isGone() {
            return connections == 0 && memory.bytes() == 0;
        }
    }

    private final int mostOfOneAccount;
    private final LongAdder exceeded = new LongAdder();

    /** Guarded by this. */
    private final Map<Name, Present> present = new HashMap<>();

    /** Connections by account. Guarded by this. */
    private final Map<String, Integer> accounts = new HashMap<>();

    /**
     * @param mostOfOneAccount connections that one account may have
     */
    Clients(int mostOfOneAccount) {
        this.mostOfOneAccount = mostOfOneAccount;
    }

    /**
     * A connection is let in. To be followed by {@link #leave}.
     *
     * @return the client's memory, or nothing where its account has too many connections
     */
    synchronized Optional<FlowMemory> enter(Name client) {
        int others = accounts.getOrDefault(client.subject, 0);
        if (others >= mostOfOneAccount) {
            return Optional.empty();
        }
        accounts.put(client.subject, others + 1);
        Present now = present.get(client);
        Present next =
                now == null
                        ? new Present(FlowMemory.ofClient(exceeded), 1)
                        : new Present(now.memory, now.connections + 1);
        present.put(client, next);
        return Optional.of(next.memory);
    }

    synchronized void leave(Name client) {
        accounts.computeIfPresent(
                client.subject, (account, count) -> count == 1 ? null : count - 1);
        present.computeIfPresent(
                client, (name, now) -> new Present(now.memory, now.connections - 1));
        present.values().removeIf(Present::isGone);
    }

    /** {@return what the flows of all hold, in bytes} */
    synchronized long heldBytes() {
        return present.values().stream().mapToLong(one -> one.memory.bytes()).sum();
    }

    /** {@return how many flows were reset because their client held too much} */
    long exceeded() {
        return exceeded.sum();
    }
}
