package tp.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static tp.stack.Dialogue.ALIAS;
import static tp.stack.Dialogue.ALIAS6;
import static tp.stack.Dialogue.APP;
import static tp.stack.Dialogue.APP6;
import static tp.stack.Dialogue.LISTENER;
import static tp.stack.Dialogue.LISTENER6;
import static tp.stack.Dialogue.SECOND;
import static tp.stack.Dialogue.SERVICE;
import static tp.stack.Dialogue.SERVICE6;
import static tp.stack.Packets.tcp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.stack.StackSettings.Limits;

/** TCP as dialogues: what the stack hears, and what it says. */
class ConnectionsTest {

    private final Dialogue dialogue = new Dialogue();

    @ParameterizedTest
    @CsvSource({
        APP + "," + SERVICE + "," + LISTENER + "," + ALIAS,
        APP6 + "," + SERVICE6 + "," + LISTENER6 + "," + ALIAS6,
    })
    void aConnectionFromSynToBothFins(String app, String service, String listener, String alias) {
        assertThat(dialogue.hear(tcp(app, service, "S", 100, 0)))
                .containsExactly("dial " + app + " > " + service);
        assertThat(dialogue.answer(DialOutcome.ESTABLISHED))
                .containsExactly(
                        "admitted " + alias,
                        "send " + alias + " > " + listener + " S seq 100 ack 0");
        assertThat(dialogue.hear(tcp(listener, alias, "SA", 900, 101)))
                .containsExactly("back " + service + " > " + app + " SA seq 900 ack 101");
        assertThat(dialogue.hear(tcp(app, service, "A", 101, 901, 777)))
                .containsExactly(
                        "back " + alias + " > " + listener + " A seq 101 ack 901 data 777");
        assertThat(dialogue.hear(tcp(app, service, "FA", 878, 901)))
                .containsExactly("back " + alias + " > " + listener + " AF seq 878 ack 901");
        dialogue.pass(1_000 * SECOND); // a half-closed connection lives on
        assertThat(dialogue.hear(tcp(listener, alias, "A", 901, 879, 5)))
                .containsExactly("back " + service + " > " + app + " A seq 901 ack 879 data 5");
        assertThat(dialogue.hear(tcp(listener, alias, "FA", 906, 879)))
                .containsExactly("back " + service + " > " + app + " AF seq 906 ack 879");
        assertThat(dialogue.hear(tcp(app, service, "A", 879, 907)))
                .containsExactly("back " + alias + " > " + listener + " A seq 879 ack 907");

        dialogue.pass(59 * SECOND);
        assertThat(dialogue.stack.flows()).isEqualTo(1);
        dialogue.pass(2 * SECOND);
        assertThat(dialogue.stack.flows()).isZero();
        assertThat(dialogue.stack.nextTimeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED, "
                + APP
                + ","
                + SERVICE
                + ", send 10.96.0.10:8080 > 100.127.0.1:40000 AR seq 0 ack 101",
        "HOST_UNREACHABLE, "
                + APP
                + ","
                + SERVICE
                + ", send icmp 3/1 from 100.127.0.2 about "
                + APP
                + " > "
                + SERVICE,
        "NETWORK_UNREACHABLE, "
                + APP
                + ","
                + SERVICE
                + ", send icmp 3/0 from 100.127.0.2 about "
                + APP
                + " > "
                + SERVICE,
        "TUNNEL_DOWN, "
                + APP
                + ","
                + SERVICE
                + ", send icmp 3/0 from 100.127.0.2 about "
                + APP
                + " > "
                + SERVICE,
        "PROHIBITED, "
                + APP
                + ","
                + SERVICE
                + ", send icmp 3/13 from 100.127.0.2 about "
                + APP
                + " > "
                + SERVICE,
        "REFUSED, "
                + APP6
                + ","
                + SERVICE6
                + ", send fd00:10::5:8080 > fd74:7470::1:40000 AR seq 0 ack 101",
        "HOST_UNREACHABLE, "
                + APP6
                + ","
                + SERVICE6
                + ", send icmp 1/3 from fd74:7470::2 about "
                + APP6
                + " > "
                + SERVICE6,
        "NETWORK_UNREACHABLE, "
                + APP6
                + ","
                + SERVICE6
                + ", send icmp 1/0 from fd74:7470::2 about "
                + APP6
                + " > "
                + SERVICE6,
        "PROHIBITED, "
                + APP6
                + ","
                + SERVICE6
                + ", send icmp 1/1 from fd74:7470::2 about "
                + APP6
                + " > "
                + SERVICE6,
    })
    void aFailedDialIsToldAsItWas(DialOutcome outcome, String app, String service, String said) {
        dialogue.hear(tcp(app, service, "S", 100, 0));
        assertThat(dialogue.answer(outcome)).containsExactly(said);
        assertThat(dialogue.stack.heldSyns()).isZero();
        assertThat(dialogue.answer(outcome)).containsExactly("nobody waits");
    }

    @Test
    void silenceIsKeptAndNotDialledAgain() {
        dialogue.hear(tcp(APP, SERVICE, "S", 100, 0));
        assertThat(dialogue.answer(DialOutcome.TIMED_OUT)).isEmpty();
        dialogue.pass(SECOND);
        assertThat(dialogue.hear(tcp(APP, SERVICE, "S", 100, 0))).isEmpty();
        assertThat(dialogue.pass(3 * SECOND)).isEmpty();
        assertThat(dialogue.stack.heldSyns()).isZero();
        assertThat(dialogue.dials()).isEqualTo(1);
    }

    @Test
    void aRetransmittedSynIsNotDialledTwice() {
        dialogue.hear(tcp(APP, SERVICE, "S", 100, 0));
        for (int gap = 1; gap <= 32; gap *= 2) {
            assertThat(dialogue.pass(gap * SECOND)).isEmpty();
            assertThat(dialogue.hear(tcp(APP, SERVICE, "S", 100, 0))).isEmpty();
        }
        assertThat(dialogue.pass(64 * SECOND)).isEmpty(); // twice the last gap is still patience
        assertThat(dialogue.pass(SECOND + SECOND / 4)).containsExactly("cancel 0");
        assertThat(dialogue.stack.heldSyns()).isZero();
        assertThat(dialogue.answer(DialOutcome.ESTABLISHED)).containsExactly("nobody waits");
    }

    @Test
    void anApplicationThatGivesUpIsForgotten() {
        dialogue.hear(tcp(APP, SERVICE, "S", 100, 0));
        assertThat(dialogue.pass(2 * SECOND)).isEmpty();
        assertThat(dialogue.pass(SECOND + SECOND / 4)).containsExactly("cancel 0");
        assertThat(dialogue.stack.nextTimeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anotherSequenceNumberIsAnotherConnection() {
        dialogue.hear(tcp(APP, SERVICE, "S", 100, 0));
        assertThat(dialogue.hear(tcp(APP, SERVICE, "S", 5_000, 0)))
                .containsExactly("cancel 0", "dial " + APP + " > " + SERVICE);
        assertThat(dialogue.answer(DialOutcome.REFUSED))
                .containsExactly("send " + SERVICE + " > " + APP + " AR seq 0 ack 5001");
    }

    @Test
    void aSynThatWasLostOnItsWayToTheListenerIsSentAgain() {
        dialogue.connect(APP, SERVICE, 100);
        assertThat(dialogue.hear(tcp(APP, SERVICE, "S", 100, 0)))
                .containsExactly("back " + ALIAS + " > " + LISTENER + " S seq 100 ack 0");
    }

    @Test
    void aResetPassesAndIsTold() {
        dialogue.connect(APP, SERVICE, 100);
        assertThat(dialogue.hear(tcp(APP, SERVICE, "R", 101, 0)))
                .containsExactly(
                        "reset seen", "back " + ALIAS + " > " + LISTENER + " R seq 101 ack 0");
        assertThat(dialogue.hear(tcp(LISTENER, ALIAS, "RA", 1, 102)))
                .containsExactly("back " + SERVICE + " > " + APP + " AR seq 1 ack 102");
        dialogue.pass(61 * SECOND);
        assertThat(dialogue.stack.flows()).isZero();
    }

    @Test
    void aResetThatDidNotCountEndsNothing() {
        dialogue.connect(APP, SERVICE, 100);
        dialogue.hear(tcp(APP, SERVICE, "R", 77_777, 0));
        dialogue.hear(tcp(LISTENER, ALIAS, "A", 1, 102)); // the challenge of RFC 5961
        dialogue.pass(1_000 * SECOND);
        assertThat(dialogue.stack.flows()).isEqualTo(1);
        assertThat(dialogue.hear(tcp(APP, SERVICE, "A", 101, 1)))
                .containsExactly("back " + ALIAS + " > " + LISTENER + " A seq 101 ack 1");
    }

    /** Bytes of the old connection must not reach the new one. */
    @Test
    void aReusedSourcePortGetsAnotherSlotAndTheOldListenerSocketAReset() {
        dialogue.connect(APP, SERVICE, 100);
        assertThat(dialogue.hear(tcp(APP, SERVICE, "S", 9_000, 0)))
                .containsExactly("dial " + APP + " > " + SERVICE);
        assertThat(dialogue.answer(DialOutcome.ESTABLISHED))
                .containsExactly(
                        "admitted 100.127.0.16:1025",
                        "send 100.127.0.16:1025 > " + LISTENER + " S seq 9000 ack 0");
        assertThat(dialogue.hear(tcp(LISTENER, ALIAS, "A", 555, 101, 10)))
                .containsExactly("send " + ALIAS + " > " + LISTENER + " R seq 101 ack 0");
        dialogue.pass(61 * SECOND);
        assertThat(dialogue.stack.flows()).isEqualTo(1);
        assertThat(dialogue.hear(tcp(APP, SERVICE, "A", 9_001, 1)))
                .containsExactly("back 100.127.0.16:1025 > " + LISTENER + " A seq 9001 ack 1");
    }

    /** From, to, flags, then the answer of RFC 9293 §3.10.7.1. */
    @ParameterizedTest
    @CsvSource({
        APP + "," + SERVICE + ", A, 40, send " + SERVICE + " > " + APP + " R seq 70 ack 0",
        APP + "," + SERVICE + ", FA, 0, send " + SERVICE + " > " + APP + " R seq 70 ack 0",
        APP + "," + SERVICE + ", SA, 0, send " + SERVICE + " > " + APP + " R seq 70 ack 0",
        APP + "," + SERVICE + ", F, 5, send " + SERVICE + " > " + APP + " AR seq 0 ack 56",
        APP + "," + SERVICE + ", R, 0, dropped",
        APP + "," + SERVICE + ", RA, 0, dropped",
        APP + "," + SERVICE + ", SR, 0, dropped",
        LISTENER + "," + ALIAS + ", A, 0, send " + ALIAS + " > " + LISTENER + " R seq 70 ack 0",
        LISTENER
                + ", 100.127.0.31:65535, A, 0, send 100.127.0.31:65535 > "
                + LISTENER
                + " R seq 70 ack 0",
        LISTENER
                + ", 100.127.0.16:80, A, 0, send 100.127.0.16:80 > "
                + LISTENER
                + " R seq 70 ack 0",
        LISTENER6 + "," + ALIAS6 + ", A, 0, send " + ALIAS6 + " > " + LISTENER6 + " R seq 70 ack 0",
    })
    void segmentsOfNoConnection(String from, String to, String flags, int data, String said) {
        assertThat(dialogue.hear(tcp(from, to, flags, 50, 70, data))).containsExactly(said);
    }

    @ParameterizedTest
    @CsvSource({
        "100.127.0.5:80, icmp 3/1 from 100.127.0.2", // nobody lives there
        "100.127.0.16:80, icmp 3/1 from 100.127.0.2", // an alias is no host
        "100.127.0.2:53, dial", // DNS over TCP is a connection like any other
    })
    void theTunsOwnNetwork(String to, String said) {
        assertThat(dialogue.hear(tcp(APP, to, "S", 1, 0)))
                .singleElement()
                .asString()
                .contains(said);
    }

    @Test
    void anEndedConnectionIsKeptForItsLastPackets() {
        dialogue.connect(APP, SERVICE, 100);
        dialogue.stack.flowEnded(0, dialogue.lastDial() + 65_536, dialogue.nowNs);
        dialogue.pass(100 * SECOND);
        assertThat(dialogue.stack.flows()).isEqualTo(1); // another dial's end is not this one's

        dialogue.stack.flowEnded(0, dialogue.lastDial(), dialogue.nowNs);
        dialogue.pass(30 * SECOND);
        assertThat(dialogue.hear(tcp(LISTENER, ALIAS, "RA", 5, 6)))
                .containsExactly("back " + SERVICE + " > " + APP + " AR seq 5 ack 6");
        dialogue.pass(59 * SECOND);
        assertThat(dialogue.stack.flows()).isEqualTo(1);
        dialogue.pass(62 * SECOND);
        assertThat(dialogue.stack.flows()).isZero();
    }

    @Test
    void slotsAreUsedAgainInOrderAndNotWithinTimeWait() {
        Dialogue small = new Dialogue(new Limits(3, 100, 60 * SECOND));
        for (int i = 0; i < 3; i++) {
            small.connect("100.127.0.1:" + (40_000 + i), SERVICE, 100);
            small.hear(tcp("100.127.0.1:" + (40_000 + i), SERVICE, "R", 101, 0));
            small.pass(SECOND);
        }
        small.hear(tcp("100.127.0.1:50000", SERVICE, "S", 1, 0));
        assertThat(small.answer(DialOutcome.ESTABLISHED)).containsExactly("nobody waits");
        assertThat(small.stack.count(Counter.FLOW_TABLE_FULL)).isEqualTo(1);

        small.pass(57 * SECOND); // the first was reset 60 s ago
        small.hear(tcp("100.127.0.1:50000", SERVICE, "S", 1, 0));
        assertThat(small.answer(DialOutcome.ESTABLISHED)).contains("admitted " + ALIAS);
        small.hear(tcp("100.127.0.1:50001", SERVICE, "S", 1, 0));
        assertThat(small.answer(DialOutcome.ESTABLISHED)).containsExactly("nobody waits");
    }

    /**
     * 60 s of the kernel's TIME_WAIT, and up to 4.1 s by which its timer is late. With 61 s, one
     * reuse of a slot in twenty ended in a reset.
     */
    @Test
    void slotsRestLongerThanTheKernelsTimeWait() {
        assertThat(Limits.standard().timeWaitNs()).isGreaterThan(64_100_000_000L);
    }

    @Test
    void heldSynsAreCapped() {
        Dialogue small = new Dialogue(new Limits(100, 2, 60 * SECOND));
        small.hear(tcp("100.127.0.1:1", SERVICE, "S", 1, 0));
        small.hear(tcp("100.127.0.1:2", SERVICE, "S", 1, 0));
        assertThat(small.hear(tcp("100.127.0.1:3", SERVICE, "S", 1, 0))).containsExactly("dropped");
        assertThat(small.stack.count(Counter.SYN_TABLE_FULL)).isEqualTo(1);
        small.answer(DialOutcome.REFUSED);
        assertThat(small.hear(tcp("100.127.0.1:3", SERVICE, "S", 1, 0))).hasSize(1);
    }

    /** Issue 2, Shows 7: black-holed connects leave nothing behind. */
    @Test
    void twoThousandConnectsIntoABlackHoleLeaveNothing() {
        Dialogue large = new Dialogue(Limits.standard());
        for (int i = 0; i < 2_000; i++) {
            large.hear(tcp("100.127.0.1:" + (20_000 + i), SERVICE, "S", i, 0));
            large.pass(SECOND / 100);
        }
        large.pass(4 * SECOND);
        assertThat(large.stack.heldSyns()).isZero();
        assertThat(large.dials()).isEqualTo(2_000);
        assertThat(large.stack.count(Counter.SYNS_FORGOTTEN)).isEqualTo(2_000);
    }

    @Test
    void anOversizeSynIsDropped() {
        assertThat(dialogue.hear(tcp(APP, SERVICE, "S", 1, 0, 400))).containsExactly("dropped");
        assertThat(dialogue.stack.count(Counter.SYN_OVERSIZE)).isEqualTo(1);
    }

    @Test
    void aFamilyThatTheTunDoesNotHaveIsDropped() {
        Dialogue ipv4Only = new Dialogue(Limits.standard(), false);
        assertThat(ipv4Only.hear(tcp(APP6, SERVICE6, "S", 1, 0))).containsExactly("dropped");
    }
}
