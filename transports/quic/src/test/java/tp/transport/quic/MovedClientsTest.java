package tp.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tp.testkit.VirtualClock;

/** Who is shown to quiche, and where its packets go. */
class MovedClientsTest {

    private static final InetSocketAddress FIRST = at(1000);
    private static final InetSocketAddress SECOND = at(2000);
    private static final InetSocketAddress THIRD = at(3000);
    private static final byte MANAGERS_ID = 7;
    private static final byte CLIENTS_ID = 9;

    private static final byte[] SECRET = new byte[AddressProof.SECRET_BYTES];

    private final VirtualClock clock = new VirtualClock();
    private final MovedClients moved = new MovedClients(clock);
    private final EmbeddedChannel socket = new EmbeddedChannel(moved);

    @AfterEach
    void end() {
        socket.finishAndReleaseAll();
    }

    @Test
    void packetsOfAClientAreItsFirstAddressesWhereverItIs() {
        connect();

        assertThat(shown(FIRST)).isEqualTo(FIRST);
        assertThat(socket.outboundMessages()).isEmpty();
        assertThat(shown(SECOND)).isEqualTo(FIRST);
        assertThat(shown(SECOND, packet((byte) 42))).as("another's").isEqualTo(SECOND);
        assertThat(shown(SECOND, Unpooled.wrappedBuffer(new byte[] {0x40, 1})))
                .as("too short")
                .isEqualTo(SECOND);
        assertThat(shown(SECOND, packet(MANAGERS_ID).setByte(0, 0xc0)))
                .as("a long header")
                .isEqualTo(SECOND);
    }

    @Test
    void nothingButAQuestionGoesToAnAddressThatIsNotProven() {
        connect();
        shown(SECOND);
        DatagramPacket question = socket.readOutbound();

        assertThat(question.recipient()).isEqualTo(SECOND);
        assertThat(question.content().readableBytes()).isLessThanOrEqualTo(3 * 21);
        assertThat(sentTo(FIRST)).isEqualTo(FIRST);
        question.release();
    }

    @Test
    void whatIsSentFollowsTheProofs() {
        connect();
        move(SECOND);
        assertThat(sentTo(FIRST)).isEqualTo(SECOND);
        assertThat(sentTo(FIRST, packet((byte) 42))).as("another's").isEqualTo(FIRST);

        move(THIRD);
        assertThat(sentTo(FIRST)).isEqualTo(THIRD);
        shown(SECOND);
        assertThat(sentTo(FIRST)).as("back, without a question").isEqualTo(SECOND);
        shown(FIRST);
        assertThat(sentTo(FIRST)).isEqualTo(FIRST);
        assertThat(socket.outboundMessages()).isEmpty();
    }

    @Test
    void packetsThatAreSentAtOnceGoOnAsSuch() {
        connect();
        move(SECOND);
        ByteBuf three =
                Unpooled.wrappedBuffer(packet(CLIENTS_ID), packet(CLIENTS_ID), packet(CLIENTS_ID));
        socket.writeOutbound(new SegmentedDatagramPacket(three, 60, FIRST));
        SegmentedDatagramPacket sent = socket.readOutbound();

        assertThat(sent.recipient()).isEqualTo(SECOND);
        assertThat(sent.segmentSize()).isEqualTo(60);
        assertThat(sent.content().readableBytes()).isEqualTo(180);
        sent.release();
    }

    @Test
    void aWrongAnswerProvesNothingNorOneFromElsewhere() {
        connect();
        byte[] nonce = ask(SECOND);
        byte[] otherSecret = new byte[AddressProof.SECRET_BYTES];
        otherSecret[0] = 1;
        answer(SECOND, AddressProof.answer(bytes(MANAGERS_ID), otherSecret, nonce));
        answer(SECOND, AddressProof.answer(bytes(CLIENTS_ID), SECRET, nonce));
        answer(SECOND, AddressProof.answer(bytes(MANAGERS_ID), SECRET, new byte[16]));
        answer(THIRD, AddressProof.answer(bytes(MANAGERS_ID), SECRET, nonce));
        answer(SECOND, Unpooled.wrappedBuffer(new byte[7]));
        answer(SECOND, AddressProof.question(nonce));

        assertThat(sentTo(FIRST)).isEqualTo(FIRST);
        answer(SECOND, AddressProof.answer(bytes(MANAGERS_ID), SECRET, nonce));
        assertThat(sentTo(FIRST)).isEqualTo(SECOND);
    }

    @Test
    void aQuestionIsAskedAgainButNotForEachPacket() {
        connect();
        byte[] nonce = ask(SECOND);
        shown(SECOND);
        clock.advance(Duration.ofMillis(99));
        shown(SECOND);
        assertThat(socket.outboundMessages()).isEmpty();

        clock.advance(Duration.ofMillis(1));
        assertThat(ask(SECOND)).as("either answer will do").isEqualTo(nonce);
    }

    @Test
    void whoeverClaimsManyAddressesIsForgotten() {
        connect();
        byte[] first = ask(SECOND);
        for (int port = 4000; port < 4010; port++) {
            ask(at(port));
        }
        answer(SECOND, AddressProof.answer(bytes(MANAGERS_ID), SECRET, first));

        assertThat(sentTo(FIRST)).isEqualTo(FIRST);
    }

    @Test
    void twoConnectionsThatBeganAtOneAddressAreTwo() {
        byte other = 42;
        connect();
        move(SECOND);
        moved.connected(id(other), id(other), FIRST, SECRET);

        assertThat(sentTo(FIRST)).isEqualTo(SECOND);
        assertThat(sentTo(FIRST, packet(other))).isEqualTo(FIRST);
    }

    @Test
    void aConnectionThatIsOverLeavesNothing() {
        MovedClients.Client client = connect();
        move(SECOND);
        client.close();

        assertThat(shown(SECOND)).isEqualTo(SECOND);
        assertThat(sentTo(FIRST)).isEqualTo(FIRST);
    }

    private MovedClients.Client connect() {
        return moved.connected(id(MANAGERS_ID), id(CLIENTS_ID), FIRST, SECRET);
    }

    private void move(InetSocketAddress address) {
        byte[] nonce = ask(address);
        answer(address, AddressProof.answer(bytes(MANAGERS_ID), SECRET, nonce));
    }

    private byte[] ask(InetSocketAddress address) {
        assertThat(shown(address)).isEqualTo(FIRST);
        DatagramPacket question = socket.readOutbound();
        byte[] nonce = AddressProof.nonce(question.content());
        question.release();
        if (nonce == null) {
            throw new AssertionError("no question");
        }
        return nonce;
    }

    private void answer(InetSocketAddress from, ByteBuf content) {
        socket.writeInbound(new DatagramPacket(content, at(443), from));
        assertThat(socket.inboundMessages()).as("none of QUIC's").isEmpty();
    }

    private InetSocketAddress shown(InetSocketAddress sender) {
        return shown(sender, packet(MANAGERS_ID));
    }

    private InetSocketAddress shown(InetSocketAddress sender, ByteBuf content) {
        socket.writeInbound(new DatagramPacket(content, at(443), sender));
        DatagramPacket packet = socket.readInbound();
        packet.release();
        return packet.sender();
    }

    private InetSocketAddress sentTo(InetSocketAddress target) {
        return sentTo(target, packet(CLIENTS_ID));
    }

    private InetSocketAddress sentTo(InetSocketAddress target, ByteBuf content) {
        socket.writeOutbound(new DatagramPacket(content, target));
        DatagramPacket packet = socket.readOutbound();
        packet.release();
        return packet.recipient();
    }

    /** A packet with a short header. */
    private static ByteBuf packet(byte id) {
        byte[] bytes = new byte[60];
        Arrays.fill(bytes, 1, 21, id);
        bytes[0] = 0x40;
        return Unpooled.wrappedBuffer(bytes);
    }

    private static QuicConnectionAddress id(byte id) {
        return new QuicConnectionAddress(bytes(id));
    }

    private static byte[] bytes(byte id) {
        byte[] bytes = new byte[20];
        Arrays.fill(bytes, id);
        return bytes;
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
