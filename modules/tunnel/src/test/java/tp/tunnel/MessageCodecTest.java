package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message survives its own bytes, and no bytes break the reader. */
class MessageCodecTest {

    static {
        Leaks.watch();
    }

    @AfterAll
    static void nothingLeaked() {
        Leaks.assertNone();
    }

    private static final InetSocketAddress TARGET =
            new InetSocketAddress(InetAddress.ofLiteral("fd00:10:96::1"), 8080);

    static Stream<Message> messages() {
        return Stream.of(
                new Message.Open(1, Message.Protocol.TCP, TARGET, 1 << 20),
                new Message.Open(
                        2,
                        Message.Protocol.UDP,
                        new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 7),
                        0),
                new Message.Open(
                        4,
                        Message.Protocol.ECHO,
                        new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 0),
                        0),
                new Message.Unanswered(65_535, EchoFailure.EXPIRED),
                new Message.Resume(3, 9, 100, 200),
                new Message.Dialed(DialOutcome.REFUSED, 0, 0),
                new Message.Ack(5),
                new Message.Credit(1L << 40),
                new Message.Fin(0),
                new Message.Reset(77),
                new Message.Unreachable(DialOutcome.PROHIBITED),
                new Message.Hello(
                        new ClientHello("1", "secret", MappingRequest.of(List.of("a", "b")))),
                new Message.Welcomed(Tunnels.WELCOME),
                new Message.Update(Tunnels.WELCOME),
                new Message.Refused("no"),
                new Message.Reauthenticate("secret"),
                new Message.Ping(-1, 3_500),
                new Message.Pong(1, -2, 3),
                new Message.Remap(7, MappingRequest.everything()),
                new Message.Remap(-1, MappingRequest.of(List.of("a"))),
                new Message.Remapped(7, ""),
                new Message.Goodbye("bye"));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageSurvivesItsBytes(Message message) throws WireException {
        ByteBuf bytes = MessageCodec.encode(UnpooledByteBufAllocator.DEFAULT, message);
        int type = bytes.readUnsignedByte();
        assertThat(bytes.readUnsignedMedium()).isEqualTo(bytes.readableBytes());

        assertThat(MessageCodec.decode(type, bytes)).isEqualTo(message);
        bytes.release();
    }

    @Test
    void payloadsSurviveTheirBytes() throws WireException {
        ByteBuf payload = Unpooled.wrappedBuffer(new byte[] {1, 2, 3});
        ByteBuf bytes =
                MessageCodec.encode(
                        UnpooledByteBufAllocator.DEFAULT, new Message.Data(42, payload));
        int type = bytes.readUnsignedByte();
        bytes.skipBytes(3);

        assertThat(MessageCodec.decode(type, bytes))
                .isInstanceOfSatisfying(
                        Message.Data.class,
                        data -> {
                            assertThat(data.offset()).isEqualTo(42);
                            assertThat(ByteBufUtil.getBytes(data.payload()))
                                    .containsExactly(1, 2, 3);
                            data.payload().release();
                        });
        bytes.release();
    }

    @Test
    void aWelcomeToAllOfALargeClusterSurvivesItsBytes() throws WireException {
        Welcome few = Tunnels.WELCOME;
        Welcome many =
                new Welcome(
                        few.sessionId(),
                        few.epoch(),
                        few.managerVersion(),
                        few.zone(),
                        few.serviceSubnets(),
                        few.podSubnets(),
                        IntStream.range(0, Welcome.MAX_NAMESPACES)
                                .mapToObj("n-%061d"::formatted)
                                .toList(),
                        IntStream.range(0, Wire.MAX_LIST).mapToObj(".%0254d"::formatted).toList(),
                        "");
        ByteBuf bytes =
                MessageCodec.encode(UnpooledByteBufAllocator.DEFAULT, new Message.Welcomed(many));
        int type = bytes.readUnsignedByte();

        assertThat(bytes.readUnsignedMedium()).isLessThanOrEqualTo(MessageCodec.MAX_BODY_BYTES);
        assertThat(MessageCodec.decode(type, bytes)).isEqualTo(new Message.Welcomed(many));
        bytes.release();
    }

    /** It came as U+FFFD, which is longer, and was another one after it was sent on. */
    @Test
    void aTextThatIsNoneIsRefused() {
        for (int type : new int[] {18, 20, 23}) {
            ByteBuf body = Unpooled.wrappedBuffer(new byte[] {0, 2, 'a', (byte) 0xff});

            assertThatThrownBy(() -> MessageCodec.decode(type, body))
                    .isInstanceOf(WireException.class);
        }
    }

    @Test
    void aTextThatIsTooLongIsCutBetweenTwoCharacters() throws WireException {
        Message.Refused refused = new Message.Refused("x" + "€".repeat(400));
        ByteBuf bytes = MessageCodec.encode(UnpooledByteBufAllocator.DEFAULT, refused);
        int type = bytes.readUnsignedByte();
        bytes.skipBytes(3);

        assertThat(MessageCodec.decode(type, bytes))
                .isEqualTo(new Message.Refused("x" + "€".repeat(Wire.MAX_TEXT_BYTES / 3)));
        bytes.release();
    }

    /** What is sent has 8 at most, so what comes has. */
    @Test
    void aWelcomeWithTooManyServersIsRefused() {
        byte[] welcome = encoded(new Message.Welcomed(Tunnels.WELCOME));
        ByteBuf body = Unpooled.wrappedBuffer(welcome).skipBytes(MessageCodec.HEADER_BYTES);
        int servers = indexOfServers(body);
        body.setShort(servers, 9);

        assertThatThrownBy(() -> MessageCodec.decode(17, body))
                .isInstanceOf(WireException.class)
                .hasMessage("a list of 9");
    }

    /** {@return where they are counted: behind three texts and the epoch} */
    private static int indexOfServers(ByteBuf body) {
        int at = body.readerIndex();
        at += 2 + body.getUnsignedShort(at) + Long.BYTES;
        at += 2 + body.getUnsignedShort(at);
        return at + 2 + body.getUnsignedShort(at);
    }

    @Test
    void noSecretIsPrinted() {
        assertThat(messages().map(Message::toString)).noneMatch(text -> text.contains("secret"));
    }

    /** Random bodies of every type, and real ones with bytes changed, cut or added. */
    @Test
    void noBytesBreakTheReader() {
        Random random = new Random(20_261_123);
        List<byte[]> real = messages().map(MessageCodecTest::encoded).toList();
        int refused = 0;
        for (int i = 0; i < 300_000; i++) {
            byte[] body;
            int type;
            if (random.nextBoolean()) {
                type = random.nextInt(256);
                body = new byte[random.nextInt(80)];
                random.nextBytes(body);
            } else {
                byte[] source = real.get(random.nextInt(real.size()));
                type = source[0];
                body =
                        java.util.Arrays.copyOfRange(
                                source, 4, Math.max(4, source.length - random.nextInt(3)));
                for (int n = random.nextInt(3); n > 0 && body.length > 0; n--) {
                    body[random.nextInt(body.length)] = (byte) random.nextInt();
                }
            }
            try {
                ReferenceCountUtil.release(MessageCodec.decode(type, Unpooled.wrappedBuffer(body)));
            } catch (WireException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    private static byte[] encoded(Message message) {
        ByteBuf bytes = MessageCodec.encode(UnpooledByteBufAllocator.DEFAULT, message);
        byte[] copy = ByteBufUtil.getBytes(bytes);
        bytes.release();
        return copy;
    }
}
