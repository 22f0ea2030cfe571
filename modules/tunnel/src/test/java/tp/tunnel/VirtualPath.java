package tp.tunnel;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a link: so fast and so long, with room for so much. What is carried for one
 * stream comes in its order; streams overtake each other where the link has streams of its own. A
 * path may stand still for a while, and what is on one that is lost comes never.
 */
final class VirtualPath {

    static final Object END = "end";
    static final Object CLOSED = "closed";

    private static final int ROOM_BYTES = 96 * 1024;

    /** What one stream has on the path. */
    static final class Lane {
        private final VirtualStream from;
        private long lastNs;
        private boolean dropped;

        private Lane(VirtualStream from) {
            this.from = from;
        }
    }

    private record Item(Lane lane, Object what, int bytes) {}

    private final VirtualWorld world;
    private final boolean streams;
    private final long latencyNs;
    private final long nsPerByte;
    private final Queue<Item> held = new ArrayDeque<>();
    private final Set<VirtualStream> waiting = new LinkedHashSet<>();
    private Function<VirtualStream, @Nullable VirtualStream> opener = stream -> null;
    private long busyUntilNs;
    private long lastNs;
    private long onTheWay;
    private boolean standing;
    private boolean lost;
    private boolean shut;

    /**
     * @param streams whether they overtake each other
     */
    VirtualPath(VirtualWorld world, boolean streams) {
        this.world = world;
        this.streams = streams;
        latencyNs = world.between(100_000, world.oneIn(3) ? 80_000_000 : 5_000_000);
        nsPerByte = world.between(5, world.oneIn(4) ? 1_000 : 50);
    }

    /** Makes the far end of a stream when the first of it comes. */
    void opener(Function<VirtualStream, @Nullable VirtualStream> made) {
        opener = made;
    }

    Lane lane(VirtualStream from) {
        return new Lane(from);
    }

    boolean hasRoom() {
        return lost || onTheWay < ROOM_BYTES;
    }

    void await(VirtualStream stream) {
        waiting.add(stream);
    }

    void carry(Lane lane, Object what, int bytes) {
        if (lost || shut) {
            return;
        }
        busyUntilNs = Math.max(busyUntilNs, world.nowNs()) + bytes * nsPerByte;
        long arrivalNs = busyUntilNs + latencyNs;
        if (streams) {
            arrivalNs = Math.max(arrivalNs + jitterNs(), lane.lastNs);
            lane.lastNs = arrivalNs;
        } else {
            arrivalNs = Math.max(arrivalNs, lastNs);
            lastNs = arrivalNs;
        }
        onTheWay += bytes;
        Item item = new Item(lane, what, bytes);
        world.later(arrivalNs - world.nowNs(), () -> arrive(item));
    }

    private long jitterNs() {
        return world.random.nextLong(1 + latencyNs);
    }

    /**
     * The near end is closed.
     *
     * @param inOrder whether the far end knows by itself
     */
    void close(Lane lane, boolean inOrder) {
        if (inOrder || lost || shut) {
            return;
        }
        if (streams && world.oneIn(2)) {
            lane.dropped = true; // as a reset of QUIC does with what is under way
            world.later(latencyNs, () -> arrive(new Item(lane, CLOSED, 0)));
        } else {
            carry(lane, CLOSED, 1);
        }
    }

    private void arrive(Item item) {
        if (standing) {
            held.add(item);
            return;
        }
        onTheWay -= item.bytes();
        if (!item.lane().dropped || item.what().equals(CLOSED)) {
            deliver(item.lane().from, item.what());
        }
        if (hasRoom()) {
            waiting.forEach(VirtualStream::writable);
            waiting.clear();
        }
    }

    private void deliver(VirtualStream from, Object what) {
        if (lost) {
            return;
        }
        VirtualStream to = from.peer();
        if (to == null && !what.equals(CLOSED)) {
            to = opener.apply(from);
        }
        if (to != null) {
            to.arrive(what);
        }
    }

    /** Nothing comes for that long, and then all of it. */
    void stand(long ms) {
        if (standing) {
            return;
        }
        standing = true;
        world.later(
                TimeUnit.MILLISECONDS.toNanos(ms),
                () -> {
                    standing = false;
                    for (Item item = held.poll(); item != null; item = held.poll()) {
                        arrive(item);
                    }
                });
    }

    /** Nothing comes any more, and nobody is told. */
    void lose() {
        lost = true;
        held.clear();
        waiting.forEach(VirtualStream::writable);
        waiting.clear();
    }

    /** Nothing more is sent. */
    void shut() {
        shut = true;
    }

    boolean isLost() {
        return lost;
    }
}
