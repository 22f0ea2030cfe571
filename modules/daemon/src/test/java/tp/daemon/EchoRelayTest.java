package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tp.stack.FlowKey;
import tp.stack.FlowView;
import tp.stack.Unreachable;
import tp.tunnel.DialOutcome;
import tp.tunnel.EchoFailure;

class EchoRelayTest {

    private static final long SECOND = 1_000_000_000L;

    private final FakeGateway gateway = new FakeGateway();
    private final Mailbox mailbox = new Mailbox(() -> {});
    private final EchoRelay relay = new EchoRelay(gateway, mailbox);

    @Test
    void eachPingHasAFlowAndOneThatEndedIsClosed() {
        send(1, 10, 0);
        send(2, 20, 0);
        send(1, 11, 20 * SECOND);
        relay.expire(30 * SECOND);
        assertThat(gateway.said)
                .containsExactly(
                        "open echo 10.244.0.7",
                        "send echo 10.244.0.7 10",
                        "open echo 10.244.0.7",
                        "send echo 10.244.0.7 20",
                        "send echo 10.244.0.7 11",
                        "close echo 10.244.0.7");
        relay.answered(flow(1), 49 * SECOND);
        relay.expire(50 * SECOND);
        assertThat(relay.flows()).isEqualTo(1);
        relay.expire(79 * SECOND);
        assertThat(relay.flows()).isZero();
    }

    @Test
    void wherePingsAreTooManyTheOneThatWasIdleLongestMakesRoom() {
        for (int identifier = 0; identifier <= EchoRelay.MAX_FLOWS; identifier++) {
            send(identifier, 1, identifier);
        }
        assertThat(relay.flows()).isEqualTo(EchoRelay.MAX_FLOWS);
        assertThat(relay.evicted()).isEqualTo(1);
    }

    @Test
    void aReplyIsHandedOnAsItCame() {
        send(1, 10, 0);
        ByteBuf reply = Unpooled.buffer().writeShort(10).writeZero(56);
        gateway.echoListeners.getFirst().received(reply);
        reply.release();

        Mailbox.Perishable told = Objects.requireNonNull(mailbox.nextDatagram());
        assertThat(told.flow()).isEqualTo(flow(1));
        assertThat(told.bytes()).isEqualTo(58);
        told.release();
        assertThat(reply.refCnt()).isZero();
    }

    @ParameterizedTest
    @EnumSource(EchoFailure.class)
    void anErrorIsAboutTheRequestThatItNames(EchoFailure failure) {
        send(1, 10, 0);
        send(1, 11, 0);
        gateway.echoListeners.getFirst().failed(10, failure);

        assertThat(mailbox.nextDatagram())
                .isEqualTo(
                        new Mailbox.Echo(flow(1), null, 10, Optional.of(Outcomes.ofEcho(failure))));
    }

    @ParameterizedTest
    @CsvSource({"PROHIBITED, PROHIBITED", "HOST_UNREACHABLE, HOST", "TUNNEL_DOWN, ''"})
    void whatIsSaidOfTheFlowIsAboutItsLastRequest(DialOutcome outcome, String reason) {
        send(1, 10, 0);
        send(1, 65_535, 0);
        gateway.echoListeners.getFirst().unreachable(outcome);
        gateway.echoListeners.getFirst().closed();
        relay.ended((Mailbox.Letter.EchoEnded) Objects.requireNonNull(mailbox.nextLetter()));

        assertThat(relay.flows()).isZero();
        assertThat(mailbox.nextDatagram())
                .isEqualTo(
                        reason.isEmpty()
                                ? null
                                : new Mailbox.Echo(
                                        flow(1),
                                        null,
                                        65_535,
                                        Optional.of(Unreachable.valueOf(reason))));
        send(1, 12, 0);
        assertThat(gateway.echoListeners).hasSize(2);
        gateway.echoListeners.getFirst().closed(); // late news of the first
        relay.ended((Mailbox.Letter.EchoEnded) Objects.requireNonNull(mailbox.nextLetter()));
        assertThat(relay.flows()).isEqualTo(1);
    }

    private void send(int identifier, int sequence, long nowNs) {
        relay.send(
                flow(identifier), ByteBuffer.allocate(2 + 56).putShort(0, (short) sequence), nowNs);
    }

    private static FlowView flow(int identifier) {
        return FlowView.of(
                new FlowKey(
                        new InetSocketAddress("100.127.0.1", identifier),
                        new InetSocketAddress("10.244.0.7", 0)));
    }
}
