package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tp.control.FlowEntry;
import tp.stack.FlowKey;
import tp.stack.FlowView;
import tp.tunnel.DialOutcome;

class TcpDialsTest {

    private static final long SECOND = 1_000_000_000L;
    private static final InetSocketAddress PLACE = new InetSocketAddress("100.127.0.16", 1_024);

    private final FakeGateway gateway = new FakeGateway();
    private final Mailbox mailbox = new Mailbox(() -> {});
    private final TcpDials dials =
            new TcpDials(
                    gateway,
                    mailbox,
                    new LocalServices(
                            List.of(InetAddress.ofLiteral("100.127.0.2")),
                            new DnsPort((query, tcp, answer) -> {}, mailbox),
                            new ListenerProbe()));

    @Test
    void aDialThatIsCancelledIsReset() {
        dial("10.96.0.10", 80);
        dials.cancel(1);
        assertThat(gateway.said).containsExactly("reset dial 0");
        assertThat(dials.dialing()).isZero();
    }

    @Test
    void whatGoesThroughIsKnownFromTheDialToTheEnd() {
        dial("10.96.0.10", 80);
        LiveFlow dialing = dials.live(3 * SECOND).getFirst();
        assertThat(dialing.entry("web"))
                .isEqualTo(
                        new FlowEntry(
                                "tcp",
                                FlowEntry.State.OPEN,
                                "100.127.0.1:5000",
                                "10.96.0.10:80",
                                "web",
                                2_000,
                                0,
                                0,
                                0));
        dials.ended(1);
        assertThat(dials.live(3 * SECOND)).isEmpty();
    }

    @Test
    void anOutcomeComesByMail() {
        dial("10.96.0.10", 80);
        gateway.dialListeners.getFirst().dialed(DialOutcome.PROHIBITED, gateway.dialed.getFirst());
        assertThat(mailbox.nextLetter())
                .isEqualTo(
                        new Mailbox.Letter.Dialed(
                                1, tp.stack.DialOutcome.PROHIBITED, gateway.dialed.getFirst()));
    }

    @Test
    void ourOwnAddressServesDnsAndRefusesTheRest() {
        dial("100.127.0.2", 53);
        dial("100.127.0.2", 80);
        assertThat(outcome()).isEqualTo(tp.stack.DialOutcome.ESTABLISHED);
        assertThat(outcome()).isEqualTo(tp.stack.DialOutcome.REFUSED);
        assertThat(gateway.dialed).isEmpty();
    }

    @Test
    void aConnectionThatNobodyAcceptsIsGivenUp() {
        dials.admitted(1, 5, PLACE);
        dials.expire(29 * SECOND);
        assertThat(dials.expected()).isEqualTo(1);
        dials.expire(31 * SECOND);
        assertThat(dials.expected()).isZero();
        assertThat(mailbox.nextLetter()).isEqualTo(new Mailbox.Letter.FlowEnded(5, 1));
    }

    @Test
    void aResetBeforeAcceptingShortensThePatience() {
        dials.admitted(1, 5, PLACE);
        dials.resetSeen(PLACE, SECOND);
        dials.resetSeen(PLACE, 2 * SECOND);
        dials.expire(3 * SECOND);
        assertThat(dials.expected()).isEqualTo(1);
        dials.expire(4 * SECOND);
        assertThat(dials.expected()).isZero();
        assertThat(mailbox.nextLetter()).isEqualTo(new Mailbox.Letter.FlowEnded(5, 1));
        assertThat(mailbox.nextLetter()).isNull();
    }

    private void dial(String host, int port) {
        dials.dial(
                1,
                FlowView.of(
                        new FlowKey(
                                new InetSocketAddress("100.127.0.1", 5_000),
                                new InetSocketAddress(host, port))),
                SECOND);
    }

    private tp.stack.DialOutcome outcome() {
        return ((Mailbox.Letter.Dialed) Objects.requireNonNull(mailbox.nextLetter())).outcome();
    }
}
