package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.common.Cidr;

/** The messages of docs/protocol.md: a byte of type, and the body. */
public final class Messages implements Target {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    @Override
    public void take(byte[] input) throws WireException {
        if (input.length == 0) {
            return;
        }
        ByteBuf body = Unpooled.wrappedBuffer(input, 1, input.length - 1);
        Message message;
        try {
            message = MessageCodec.decode(input[0] & 0xff, body);
        } catch (WireException e) {
            Promise.same(body.refCnt(), 1, "what is refused is not kept");
            return;
        }
        byte[] once = encoded(message);
        Promise.kept(once[0] == input[0], "the type stays");
        Promise.kept(
                once.length - MessageCodec.HEADER_BYTES <= MessageCodec.MAX_BODY_BYTES,
                "what was read may be written");
        ByteBuf again = Unpooled.wrappedBuffer(once).skipBytes(MessageCodec.HEADER_BYTES);
        Message other = MessageCodec.decode(once[0] & 0xff, again);
        if (!(message instanceof Message.Query || message instanceof Message.Answer)
                && !(message instanceof Message.WithPayload)) {
            Promise.same(message, other, "a message survives its bytes");
        }
        Promise.same(once, encoded(other), "a message has one form");
        Promise.same(body.refCnt(), 1, "payloads are let go");
        Promise.same(allocator.metric().usedDirectMemory(), 0L, "nothing leaks");
    }

    private byte[] encoded(Message message) {
        ByteBuf bytes = MessageCodec.encode(allocator, message);
        byte[] copy = ByteBufUtil.getBytes(bytes);
        bytes.release();
        return copy;
    }

    static List<Message> real() {
        InetSocketAddress target =
                new InetSocketAddress(InetAddress.ofLiteral("fd00:10:96::1"), 8080);
        Welcome welcome =
                new Welcome(
                        "0123456789abcdef",
                        7,
                        "0.1.0",
                        new Welcome.Zone(
                                "cluster.local", List.of(InetAddress.ofLiteral("10.96.0.10"))),
                        List.of(Cidr.parse("10.96.0.0/16")),
                        List.of(Cidr.parse("10.244.0.0/16"), Cidr.parse("fd00:244::/56")),
                        List.of("default", "team-a"),
                        List.of(".corp.example", "10.9.0.0/16"),
                        "no ping group");
        ClientHello hello =
                new ClientHello("0.1", "token", MappingRequest.of(List.of("a", "b")), "key");
        return List.of(
                new Message.Open(1, Message.Protocol.TCP, target, 1 << 20),
                new Message.Resume(3, 9, 100, 200),
                new Message.Dialed(DialOutcome.REFUSED, 0, 0),
                new Message.Data(5, Unpooled.wrappedBuffer(new byte[3])),
                new Message.Ack(5),
                new Message.Credit(1L << 40),
                new Message.Fin(0),
                new Message.Reset(77),
                new Message.Datagram(Unpooled.wrappedBuffer(new byte[3])),
                new Message.Unreachable(DialOutcome.PROHIBITED),
                new Message.Query(7, false, new byte[] {1, 2, 3}),
                new Message.Answer(7, new byte[0]),
                new Message.Loose(2, Unpooled.wrappedBuffer(new byte[3])),
                new Message.Hello(hello),
                new Message.Welcomed(welcome),
                new Message.Refused("no"),
                new Message.Update(welcome),
                new Message.Reauthenticate("token"),
                new Message.Ping(-1, 3_500),
                new Message.Pong(1, -2, 3),
                new Message.Goodbye("bye"),
                new Message.Unanswered(65_535, EchoFailure.EXPIRED),
                new Message.Remap(7, MappingRequest.everything()),
                new Message.Remapped(7, ""));
    }

    @Override
    public List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (Message message : real()) {
            byte[] whole = encoded(message);
            byte[] seed = new byte[whole.length - 3];
            seed[0] = whole[0];
            System.arraycopy(whole, MessageCodec.HEADER_BYTES, seed, 1, seed.length - 1);
            seeds.add(seed);
        }
        return seeds;
    }

    /** Of a list each item of a byte or three is an object; that twice, and the bytes thrice. */
    @Override
    public long capBytes(int inputBytes) {
        return 32 * 1024 + 128L * inputBytes;
    }
}
