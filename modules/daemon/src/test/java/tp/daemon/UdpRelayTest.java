package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.stack.FlowKey;
import tp.stack.FlowView;
import tp.tunnel.DialOutcome;

class UdpRelayTest {

    private static final long SECOND = 1_000_000_000L;

    private final FakeGateway gateway = new FakeGateway();
    private final Mailbox mailbox = new Mailbox(() -> {});
    private final UdpRelay relay = new UdpRelay(gateway, mailbox);

    @Test
    void aFlowIsKeptWhileItIsUsedInEitherDirection() {
        send(1, 0);
        send(2, 0);
        send(1, 50 * SECOND);
        relay.expire(59 * SECOND);
        assertThat(relay.flows()).isEqualTo(2);
        relay.expire(60 * SECOND);
        relay.answered(flow(1), 100 * SECOND);
        relay.expire(120 * SECOND);
        assertThat(gateway.said)
                .containsExactly("open 1", "send 1", "open 2", "send 2", "send 1", "close 2");
        relay.expire(160 * SECOND);
        assertThat(relay.flows()).isZero();
    }

    @Test
    void theFlowThatWasIdleLongestMakesRoom() {
        for (int port = 1; port <= UdpRelay.MAX_FLOWS; port++) {
            send(port, port);
        }
        send(1, SECOND);
        send(UdpRelay.MAX_FLOWS + 1, SECOND);
        assertThat(relay.flows()).isEqualTo(UdpRelay.MAX_FLOWS);
        assertThat(relay.evicted()).isEqualTo(1);
        assertThat(gateway.said).contains("close 2").doesNotContain("close 1");
    }

    @Test
    void aFlowThatTheTunnelEndedIsOpenedAgain() {
        send(7, 0);
        gateway.udpListeners.getFirst().closed();
        read();
        assertThat(relay.flows()).isZero();
        send(7, 1);
        assertThat(gateway.said).containsExactly("open 7", "send 7", "open 7", "send 7");
        gateway.udpListeners.getFirst().closed(); // late news of the first
        read();
        assertThat(relay.flows()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED, PORT",
        "HOST_UNREACHABLE, HOST",
        "NETWORK_UNREACHABLE, NETWORK",
        "PROHIBITED, PROHIBITED",
        "TIMED_OUT, ''",
        "TUNNEL_DOWN, ''",
    })
    void whatTheTargetAnsweredIsPassedOn(DialOutcome outcome, String reason) {
        send(7, 0);
        gateway.udpListeners.getFirst().unreachable(outcome);
        Mailbox.Perishable datagram = mailbox.nextDatagram();
        assertThat(datagram == null ? "" : datagram.unreachable().orElseThrow().name())
                .isEqualTo(reason);
    }

    /** Too many, or too much. */
    @ParameterizedTest
    @CsvSource({"1, 1024", "65507, 128"})
    void answersBeyondTheMailboxsRoomAreDroppedAndReleased(int size, int most) {
        send(7, 0);
        ByteBuf answer = Unpooled.directBuffer(size).writeZero(size);
        for (int i = 0; i < 2_000; i++) {
            gateway.udpListeners.getFirst().received(answer);
        }
        int waiting = 0;
        for (var letter = mailbox.nextDatagram(); letter != null; waiting++) {
            letter.release();
            letter = mailbox.nextDatagram();
        }
        assertThat(waiting + mailbox.dropped()).isEqualTo(2_000);
        assertThat(waiting).isEqualTo(most);
        gateway.udpListeners.getFirst().received(answer);
        Objects.requireNonNull(mailbox.nextDatagram()).release();
        assertThat(answer.refCnt()).isEqualTo(1);
        answer.release();
    }

    private void send(int port, long nowNs) {
        relay.send(flow(port), ByteBuffer.allocate(3), nowNs);
    }

    private void read() {
        relay.ended((Mailbox.Letter.UdpEnded) Objects.requireNonNull(mailbox.nextLetter()));
    }

    private static FlowView flow(int port) {
        return FlowView.of(
                new FlowKey(
                        new InetSocketAddress("100.127.0.1", 5_000),
                        new InetSocketAddress("10.96.0.10", port)));
    }
}
