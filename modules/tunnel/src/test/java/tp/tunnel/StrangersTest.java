package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static tp.tunnel.Tunnels.eventually;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.transport.Sockets;

/** Who does not keep to the protocol is counted and turned away; the manager serves the others. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StrangersTest {

    private static final ClientHello HELLO =
            new ClientHello("x", "right", MappingRequest.everything());
    private static final InetSocketAddress NOBODY =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    static {
        Leaks.watch();
    }

    private Tunnels tunnels;

    @AfterAll
    static void nothingLeaked() {
        Leaks.assertNone();
    }

    @BeforeEach
    void start() throws Exception {
        tunnels = new Tunnels();
    }

    @AfterEach
    void stop() {
        tunnels.close();
    }

    static Stream<Arguments> talkBeforeTheHello() {
        byte[] hello = bytes(new Message.Hello(HELLO));
        return Stream.of(
                Arguments.of("a flow", bytes(open(1, NOBODY))),
                Arguments.of("questions", bytes(new Message.Query(1, false, new byte[12]))),
                Arguments.of("an unknown type", new byte[] {99, 0, 0, 0}),
                Arguments.of("a long body", new byte[] {16, -1, -1, -1}),
                Arguments.of("a body beyond a hello's", new byte[] {16, 2, 0, 0}),
                Arguments.of("payload", bytes(data(0, "payload"))),
                Arguments.of("a datagram", bytes(datagram("payload"))),
                Arguments.of("a renewal", bytes(new Message.Reauthenticate("right"))),
                Arguments.of("two hellos", twice(hello)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("talkBeforeTheHello")
    void talkOtherThanAHelloEndsTheLinkAndIsCountedOnce(String name, byte[] talk) throws Exception {
        try (Stranger stranger = new Stranger(tunnels)) {
            Channel stream = stranger.stream();
            stranger.say(stream, talk);

            assertThat(stranger.awaitClosed()).as(name).isTrue();
            eventually(() -> tunnels.server.statistics().connections() == 0);
            assertThat(tunnels.server.statistics().refused()).isLessThanOrEqualTo(1);
            assertThat(tunnels.server.statistics().sessions()).isZero();
        }
        assertOthersAreServed();
    }

    @Test
    void aThousandStreamsBeforeTheHelloAreOneRefusal() throws Exception {
        try (Stranger stranger = new Stranger(tunnels)) {
            for (int i = 0; i < 1000 && stranger.isOpen(); i++) {
                open(stranger);
            }
            assertThat(stranger.awaitClosed()).isTrue();
        }
        assertThat(tunnels.server.statistics().refused()).isEqualTo(1);
    }

    private static void open(Stranger stranger) throws InterruptedException {
        try {
            stranger.stream().flush();
        } catch (IOException e) {
            assertThat(stranger.awaitClosed()).as(e.toString()).isTrue();
        }
    }

    /** However HTTP/2 cuts it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000})
    void aHelloInPiecesIsAHello(int piece) throws Exception {
        byte[] hello =
                bytes(
                        new Message.Hello(
                                new ClientHello(
                                        "x",
                                        "right",
                                        MappingRequest.of(List.of("a".repeat(60), "b")))));
        try (Stranger stranger = new Stranger(tunnels)) {
            Channel control = stranger.stream();
            byte[] talk = twiceWith(hello, bytes(new Message.Ping(42, 0)));
            for (int at = 0; at < talk.length; at += piece) {
                stranger.say(
                        control,
                        java.util.Arrays.copyOfRange(talk, at, Math.min(talk.length, at + piece)));
            }
            // The manager's own pings come between.
            List<Message> first =
                    Stream.generate(() -> take(stranger))
                            .filter(message -> !(message instanceof Message.Ping))
                            .limit(2)
                            .toList();
            assertThat(first)
                    .hasSize(2)
                    .contains(new Message.Welcomed(Tunnels.WELCOME))
                    .anyMatch(one -> one instanceof Message.Pong pong && pong.number() == 42);
        }
    }

    /** Whatever somebody says who was let in, in any order, with bytes changed. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void nothingThatIsSaidOnStreamsHarmsTheOthers(long seed) throws Exception {
        Random random = new Random(seed);
        try (Far echo = Far.echo()) {
            InetSocketAddress[] targets = {echo.address(), NOBODY};
            int links = 1;
            Stranger stranger = welcomed();
            for (int round = 0; round < 300; round++) {
                if (!stranger.isOpen()) {
                    links++;
                    stranger = welcomed();
                }
                converse(random, stranger, targets[random.nextInt(2)]);
            }
            stranger.close();
            assertThat(links).isLessThan(300);
        }
        assertThat(tunnels.server.statistics().malformed()).isPositive();
        assertOthersAreServed();
        eventually(
                () ->
                        tunnels.server.statistics().flows() == 0
                                && tunnels.server.statistics().dials() == 0);
    }

    private Stranger welcomed() throws Exception {
        Stranger stranger = new Stranger(tunnels);
        stranger.hello();
        return stranger;
    }

    private static void converse(Random random, Stranger stranger, InetSocketAddress target)
            throws InterruptedException {
        Channel stream;
        try {
            stream = stranger.stream();
        } catch (IOException e) {
            return; // The link ended meanwhile, which is one of the right answers.
        }
        if (random.nextInt(4) > 0) {
            Message.Protocol protocol =
                    random.nextInt(3) == 0 ? Message.Protocol.UDP : Message.Protocol.TCP;
            stranger.say(stream, new Message.Open(round(random), protocol, target, 1 << 20));
        }
        for (int i = random.nextInt(12); i > 0; i--) {
            byte[] talk = bytes(anything(random, target));
            for (int flips = random.nextInt(3) - 1; flips > 0; flips--) {
                talk[random.nextInt(talk.length)] ^= (byte) (1 << random.nextInt(8));
            }
            stranger.say(stream, talk);
        }
        if (random.nextInt(3) == 0) {
            stream.close();
        }
    }

    private static Message anything(Random random, InetSocketAddress target) {
        long offset = random.nextInt(3) == 0 ? round(random) : 0;
        return switch (random.nextInt(14)) {
            case 0 -> new Message.Open(1, Message.Protocol.TCP, target, offset);
            case 1 -> new Message.Resume(1, 2, offset, offset);
            case 2 -> new Message.Ack(offset);
            case 3 -> new Message.Credit(offset);
            case 4 -> new Message.Fin(offset);
            case 5 -> new Message.Reset(offset);
            case 6 -> datagram("x".repeat(random.nextInt(2000)));
            case 7 -> new Message.Unreachable(DialOutcome.REFUSED);
            case 8 -> new Message.Query(1, random.nextBoolean(), new byte[random.nextInt(5000)]);
            case 9 -> new Message.Hello(HELLO);
            case 10 -> new Message.Dialed(DialOutcome.ESTABLISHED, 0, offset);
            default -> data(offset, "y".repeat(random.nextInt(2000)));
        };
    }

    private static long round(Random random) {
        return random.nextLong() >>> (2 + random.nextInt(61));
    }

    /** A port-forward passes a reset on as the end of all its connections. */
    @ParameterizedTest
    @EnumSource
    void whoDoesNotSpeakTlsReadsTheAlertAndAnEnd(Sockets kind) throws Exception {
        assumeTrue(kind.isAvailable(), "not run: sockets of epoll need Linux on x86_64");
        byte[] noise = new byte[3_000];
        new Random(1).nextBytes(noise);
        try (Tunnels strange = new Tunnels(kind);
                Socket socket =
                        new Socket(
                                InetAddress.getLoopbackAddress(),
                                strange.server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(noise);
            byte[] said = socket.getInputStream().readAllBytes();
            // RFC 8446 §6: an alert begins with 21.
            assertThat(said).hasSizeBetween(1, 99).startsWith(21);
        }
    }

    private void assertOthersAreServed() throws Exception {
        tunnels.open();
        try (Far echo = Far.echo()) {
            InetSocketAddress door = tunnels.door(echo.address());
            try (Socket socket = new Socket(door.getAddress(), door.getPort())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(7);
                InputStream in = socket.getInputStream();
                assertThat(in.read()).isEqualTo(7);
            }
        }
    }

    private static Message take(Stranger stranger) {
        try {
            return java.util.Objects.requireNonNull(stranger.said.poll(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Message open(long flowId, InetSocketAddress target) {
        return new Message.Open(flowId, Message.Protocol.TCP, target, 1 << 20);
    }

    private static Message data(long offset, String text) {
        return new Message.Data(offset, payload(text));
    }

    private static Message datagram(String text) {
        return new Message.Datagram(payload(text));
    }

    private static ByteBuf payload(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(Message message) {
        ByteBuf encoded = MessageCodec.encode(UnpooledByteBufAllocator.DEFAULT, message);
        byte[] bytes = ByteBufUtil.getBytes(encoded);
        encoded.release();
        return bytes;
    }

    private static byte[] twice(byte[] bytes) {
        return twiceWith(bytes, bytes);
    }

    private static byte[] twiceWith(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
