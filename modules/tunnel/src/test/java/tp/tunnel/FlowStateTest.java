package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers of a flow: two ends, joined by ordered queues, in any interleaving. */
class FlowStateTest {

    private static final int WINDOW = 1000;

    /** What travels: DATA, ACK, CREDIT or FIN by its numbers. */
    private record Sent(char kind, long offset, int length) {}

    private static final class End {
        final FlowState state = new FlowState(WINDOW);
        final Deque<Sent> inbox = new ArrayDeque<>();
        long toSend;
        boolean finSent;
        long got;
        long waiting;

        void take(End peer) {
            Sent sent = inbox.poll();
            if (sent == null) {
                return;
            }
            FlowState.Verdict verdict =
                    switch (sent.kind()) {
                        case 'D' -> {
                            waiting += sent.length();
                            yield state.received(sent.offset(), sent.length());
                        }
                        case 'F' -> state.finReceived(sent.offset());
                        case 'A' -> state.acked(sent.offset());
                        default -> state.credited(sent.offset());
                    };
            assertThat(verdict).isEqualTo(FlowState.Verdict.ACCEPTED);
            acknowledge(peer);
        }

        void deliver(int bytes, End peer) {
            long taken = Math.min(bytes, waiting);
            waiting -= taken;
            got += taken;
            state.delivered(taken);
            if (state.finWasReceived() && state.undelivered() == 1) {
                state.delivered(1);
            }
            long limit = state.creditToSend();
            if (limit >= 0) {
                peer.inbox.add(new Sent('C', limit, 0));
            }
            acknowledge(peer);
        }

        private void acknowledge(End peer) {
            long offset = state.finWasReceived() && !state.allDelivered() ? -1 : state.ackToSend(0);
            if (offset >= 0) {
                peer.inbox.add(new Sent('A', offset, 0));
            }
        }

        void send(int bytes, End peer) {
            int length = (int) Math.min(Math.min(bytes, toSend), state.sendWindow());
            if (length > 0) {
                toSend -= length;
                peer.inbox.add(new Sent('D', state.send(length), length));
            } else if (toSend == 0 && !finSent) {
                finSent = true;
                peer.inbox.add(new Sent('F', state.sendFin(), 0));
            }
        }

        boolean done() {
            return state.allDelivered() && state.finAcknowledged();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void anyInterleavingDeliversEachByteOnceAndEndsInOrder(long seed) {
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            End left = new End();
            End right = new End();
            left.toSend = random.nextInt(20_000);
            right.toSend = random.nextInt(20_000);
            long fromLeft = left.toSend;
            long fromRight = right.toSend;
            left.state.credited(WINDOW);
            right.state.credited(WINDOW);

            for (int step = 0; !left.done() || !right.done(); step++) {
                assertThat(step).as("steps of seed %d, run %d", seed, run).isLessThan(200_000);
                End one = random.nextBoolean() ? left : right;
                End other = one == left ? right : left;
                switch (random.nextInt(3)) {
                    case 0 -> one.send(1 + random.nextInt(400), other);
                    case 1 -> one.take(other);
                    default -> one.deliver(1 + random.nextInt(400), other);
                }
                assertThat(one.waiting).isLessThanOrEqualTo(WINDOW);
            }

            assertThat(right.got).isEqualTo(fromLeft);
            assertThat(left.got).isEqualTo(fromRight);
        }
    }

    @Test
    void whatBreaksTheProtocolIsNoticed() {
        FlowState state = new FlowState(WINDOW);

        assertThat(state.received(0, WINDOW + 1))
                .as("more than the window")
                .isEqualTo(FlowState.Verdict.VIOLATION);
        assertThat(state.received(1, 10)).as("a gap").isEqualTo(FlowState.Verdict.VIOLATION);
        assertThat(state.received(0, 10)).isEqualTo(FlowState.Verdict.ACCEPTED);
        assertThat(state.received(0, 10)).as("sent again").isEqualTo(FlowState.Verdict.DUPLICATE);
        assertThat(state.acked(1)).as("never sent").isEqualTo(FlowState.Verdict.VIOLATION);
        assertThat(state.finReceived(9))
                .as("before the end")
                .isEqualTo(FlowState.Verdict.VIOLATION);
        assertThat(state.finReceived(10)).isEqualTo(FlowState.Verdict.ACCEPTED);
        assertThat(state.received(11, 1))
                .as("after the end")
                .isEqualTo(FlowState.Verdict.VIOLATION);
    }
}
