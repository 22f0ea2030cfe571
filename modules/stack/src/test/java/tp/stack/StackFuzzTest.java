package tp.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tp.stack.StackSettings.Limits;

/** Real packets, mutated and in any order, for a long virtual time: nothing throws, caps hold. */
class StackFuzzTest {

    private static final int MAX_FLOWS = 40;
    private static final int MAX_HELD = 20;
    private static final String[] ENDS = {
        Dialogue.APP,
        Dialogue.SERVICE,
        Dialogue.LISTENER,
        Dialogue.ALIAS,
        "100.127.0.2:53",
        "100.127.0.16:1026",
        "10.244.0.7:443",
        "100.127.0.1:40001"
    };
    private static final String[] ENDS6 = {
        Dialogue.APP6,
        Dialogue.SERVICE6,
        Dialogue.LISTENER6,
        Dialogue.ALIAS6,
        "fd74:7470::2:53",
        "fd74:7470::10:1026",
        "fd00:244::7:443",
        "fd74:7470::1:40001"
    };
    private static final String[] FLAGS = {"S", "S", "SA", "A", "A", "FA", "R", "RA", "", "SF"};

    @Test
    void nothingThrowsAndCapsHold() {
        SplittableRandom random = new SplittableRandom(20_260_101);
        Dialogue dialogue = new Dialogue(new Limits(MAX_FLOWS, MAX_HELD, 2 * Dialogue.SECOND));
        for (int round = 0; round < 150_000; round++) {
            ByteBuffer packet = packet(random);
            if (random.nextInt(3) == 0) {
                packet = mutate(random, packet);
            }
            int position = packet.position();
            dialogue.stack.receive(packet, dialogue.nowNs);
            assertThat(packet.position()).isEqualTo(position);
            disturb(random, dialogue);
            assertThat(dialogue.stack.flows()).isBetween(0, MAX_FLOWS);
            assertThat(dialogue.stack.heldSyns()).isBetween(0, MAX_HELD);
        }
        assertThat(dialogue.stack.count(Counter.FLOWS_ADMITTED)).isGreaterThan(100);
        assertThat(dialogue.stack.count(Counter.PACKETS_REWRITTEN)).isGreaterThan(1_000);
        assertThat(dialogue.stack.count(Counter.SYNS_FORGOTTEN)).isGreaterThan(100);
        assertThat(dialogue.stack.count(Counter.ECHO_REQUESTS)).isGreaterThan(1_000);
        dialogue.pass(1_000 * Dialogue.SECOND);
        assertThat(dialogue.stack.heldSyns()).isZero();
    }

    private static void disturb(SplittableRandom random, Dialogue dialogue) {
        DialOutcome[] outcomes = DialOutcome.values();
        switch (random.nextInt(12)) {
            case 0 -> dialogue.pass(random.nextLong(Dialogue.SECOND));
            case 1 ->
                    dialogue.stack.flowEnded(
                            random.nextInt(-2, MAX_FLOWS + 2),
                            dialogue.dials() == 0 ? 1 : dialogue.lastDial(),
                            dialogue.nowNs);
            case 2, 3 -> {
                if (dialogue.dials() > 0) {
                    DialOutcome outcome = outcomes[random.nextInt(outcomes.length)];
                    dialogue.stack.dialed(dialogue.lastDial(), outcome, dialogue.nowNs);
                }
            }
            case 4 ->
                    dialogue.stack.dialed(
                            random.nextLong(), DialOutcome.ESTABLISHED, dialogue.nowNs);
            default -> {}
        }
    }

    private static ByteBuffer packet(SplittableRandom random) {
        String[] ends = random.nextBoolean() ? ENDS : ENDS6;
        String from = ends[random.nextInt(ends.length)];
        String to = ends[random.nextInt(ends.length)];
        if (random.nextInt(8) == 0) {
            return Packets.udp(from, to, random.nextInt(100));
        }
        if (random.nextInt(8) == 0) {
            return Packets.echo(from, to, random.nextInt(3), random.nextInt(100));
        }
        String flags = FLAGS[random.nextInt(FLAGS.length)];
        return Packets.tcp(from, to, flags, random.nextInt(3), random.nextInt(), random.nextInt(9));
    }

    private static ByteBuffer mutate(SplittableRandom random, ByteBuffer packet) {
        byte[] bytes = new byte[packet.limit() + random.nextInt(20)];
        packet.get(0, bytes, 0, packet.limit());
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        int limit = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length + 1);
        int position = Math.min(packet.position(), limit);
        return ByteBuffer.wrap(bytes).position(position).limit(limit);
    }
}
