package tp.tunnel;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Whose turn it is to read from sockets, where several clients want more than an event loop moves:
 * each is read as much as any other, however many flows it has. Of one event loop, and on it.
 *
 * <p>A client that is alone is read at once. While two or more have something to read, each has one
 * read a round, and a round is one pass of the loop over its sockets. A read that finds nothing is
 * a turn too: it costs nobody anything. A client of which too much is on its way waits.
 */
final class ReadTurns {

    /** So long after two clients were read in one round they are taken to compete. */
    private static final long CONTENDED_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** And for so many rounds, each of which may take longer. */
    private static final int CONTENDED_ROUNDS = 4;

    /** Before a client is looked at again whose memory is full. */
    private static final long FULL_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final EventLoop loop;
    private final Map<Clients.Name, Seat> seats = new HashMap<>();
    private final Deque<Seat> waiting = new ArrayDeque<>();
    private long round;

    /** Clients that were read in this round. */
    private int readers;

    private boolean contended;
    private long contendedIn;
    private long contendedNs;
    private boolean scheduled;

    ReadTurns(EventLoop loop) {
        this.loop = loop;
    }

    /** {@return the place of a client that has this loop for itself} */
    static Seat alone(EventLoop loop, FlowMemory memory) {
        return new ReadTurns(loop).new Seat(memory);
    }

    /** {@return the place of that client, the same for all its connections here} */
    Seat sit(Clients.Name client, FlowMemory memory) {
        Seat seat = seats.computeIfAbsent(client, ignored -> new Seat(memory));
        seat.connections++;
        return seat;
    }

    /** One of its connections is over. */
    void leave(Clients.Name client) {
        Seat seat = seats.get(client);
        if (seat != null && --seat.connections == 0) {
            seats.remove(client);
        }
    }

    private boolean isContended() {
        contended =
                contended
                        && (round - contendedIn < CONTENDED_ROUNDS
                                || loop.ticker().nanoTime() - contendedNs < CONTENDED_NS);
        return contended;
    }

    /**
     * What an event loop is to run at once it runs before it looks at its sockets again, and what
     * is due in a moment only then.
     */
    private void schedule() {
        if (scheduled) {
            return;
        }
        scheduled = true;
        boolean allFull =
                !waiting.isEmpty() && waiting.stream().allMatch(seat -> seat.memory.isFull());
        loop.schedule(this::nextRound, allFull ? FULL_NS : 1, TimeUnit.NANOSECONDS);
    }

    private void nextRound() {
        scheduled = false;
        if (readers > 1) {
            contended = true;
            contendedIn = round;
            contendedNs = loop.ticker().nanoTime();
        }
        readers = 0;
        round++;
        for (int left = waiting.size(); left > 0; left--) {
            Seat seat = waiting.remove();
            seat.waits = false;
            seat.next();
            seat.waitIfDue();
        }
        if (!waiting.isEmpty()) {
            schedule();
        }
    }

    /** One client's place. */
    final class Seat {

        private final FlowMemory memory;
        private final Deque<Turn> turns = new ArrayDeque<>();
        private int connections;
        private long askedIn = -1;
        private long readIn = -1;
        private boolean waits;

        private Seat(FlowMemory memory) {
            this.memory = memory;
        }

        FlowMemory memory() {
            return memory;
        }

        /**
         * {@return what a flow reads by}
         *
         * @param read asks the socket for more
         */
        Turn turn(Runnable read) {
            return new Turn(this, read);
        }

        private boolean mayRead() {
            return turns.isEmpty() && !memory.isFull() && (askedIn != round || !isContended());
        }

        private void waitIfDue() {
            if (!waits && !turns.isEmpty()) {
                waits = true;
                waiting.add(this);
            }
        }

        private void next() {
            do {
                if (memory.isFull() || turns.isEmpty()) {
                    return;
                }
                Turn turn = turns.remove();
                turn.waits = false;
                askedIn = round;
                turn.read.run();
            } while (!turns.isEmpty() && !isContended());
        }
    }

    /** A flow's way to be read. */
    final class Turn {

        private final Seat seat;
        private final Runnable read;
        private boolean waits;

        private Turn(Seat seat, Runnable read) {
            this.seat = seat;
            this.read = read;
        }

        /** Wants to be read, now or when its turn comes. */
        void ask() {
            if (seat.mayRead()) {
                seat.askedIn = round;
                read.run();
                return;
            }
            waits = true;
            seat.turns.add(this);
            seat.waitIfDue();
            schedule();
        }

        /** Something was read. */
        void took() {
            if (seat.readIn != round) {
                seat.readIn = round;
                readers++;
            }
            if (readers > 1) {
                schedule();
            }
        }

        /** {@return whether it was waiting, and waits no more} */
        boolean cancel() {
            if (!waits) {
                return false;
            }
            waits = false;
            seat.turns.remove(this);
            return true;
        }
    }
}
