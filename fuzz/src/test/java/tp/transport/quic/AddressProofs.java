package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;

/** The packets around QUIC's that are read before anybody has proven anything. */
public final class AddressProofs implements Target {

    private static final int ID_BYTES = Quic.MAX_CONN_ID_LEN;
    private static final byte[] SECRET = new byte[AddressProof.SECRET_BYTES];
    private static final InetSocketAddress HOME = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress MANAGER = new InetSocketAddress("192.0.2.9", 8446);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    private long nowNs;

    @Override
    public void take(byte[] input) {
        Input in = new Input(input);
        switch (in.octet() % 3) {
            case 0 -> token(in.rest());
            case 1 -> packet(in.rest());
            default -> moved(in);
        }
        Promise.same(allocator.metric().usedDirectMemory(), 0L, "nothing leaks");
    }

    /** Nobody has seen the key, so no token is right but one that was given for the address. */
    private void token(byte[] bytes) {
        RetryToken tokens = new RetryToken(() -> nowNs);
        ByteBuf token = Unpooled.wrappedBuffer(bytes);
        Promise.same(tokens.validateToken(token, HOME), -1, "a token cannot be made up");
        Promise.same(token.readableBytes(), bytes.length, "a token is not used up");
        byte[] id = Arrays.copyOf(bytes, Math.min(bytes.length, ID_BYTES));
        ByteBuf own = Unpooled.buffer();
        tokens.writeToken(own, Unpooled.wrappedBuffer(id), HOME);
        Promise.kept(own.readableBytes() <= tokens.maxTokenLength(), "a token has a cap");
        int offset = tokens.validateToken(own, HOME);
        Promise.kept(offset > 0, "a token that was given is good");
        Promise.same(
                id,
                ByteBufUtil.getBytes(own, offset, own.readableBytes() - offset),
                "and has the connection's id");
        Promise.same(tokens.validateToken(own, MANAGER), -1, "at its address only");
    }

    private static void packet(byte[] bytes) {
        ByteBuf packet = Unpooled.wrappedBuffer(bytes);
        AddressProof.isOurs(packet);
        byte[] nonce = AddressProof.nonce(packet);
        if (nonce != null) {
            byte[] again = AddressProof.nonce(AddressProof.question(nonce));
            Promise.same(nonce, again, "a question is read as it was written");
        }
        if (AddressProof.managersId(packet) != null) {
            AddressProof.isRight(packet, SECRET, new byte[AddressProof.NONCE_BYTES]);
        }
        Promise.same(packet.readableBytes(), bytes.length, "a packet is not used up");
    }

    /** Only an answer to a question moves a connection. */
    private void moved(Input in) {
        nowNs = 0;
        MovedClients clients = new MovedClients(() -> nowNs);
        MovedClients.Client client = clients.connected(id('m'), id('c'), HOME, SECRET.clone());
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(clients);
        for (int i = 0; i < 32 && !in.isEmpty(); i++) {
            int step = in.octet();
            InetSocketAddress sender = new InetSocketAddress("192.0.2.1", 1 + step % 8);
            nowNs += (step >> 3) * 10_000_000L;
            byte[] bytes = in.chunk();
            ByteBuf content = allocator.directBuffer().writeBytes(bytes);
            channel.writeInbound(new DatagramPacket(content, MANAGER, sender));
            ByteBuf back = allocator.directBuffer().writeBytes(bytes);
            channel.writeOutbound(new DatagramPacket(back, HOME));
        }
        for (DatagramPacket sent = channel.readOutbound();
                sent != null;
                sent = channel.readOutbound()) {
            Promise.kept(
                    sent.recipient().equals(HOME) || AddressProof.isOurs(sent.content()),
                    "nothing but questions goes to an address that is not proven");
            sent.release();
        }
        client.close();
        channel.finishAndReleaseAll();
    }

    private static QuicConnectionAddress id(char letter) {
        byte[] id = new byte[ID_BYTES];
        Arrays.fill(id, (byte) letter);
        return new QuicConnectionAddress(id);
    }

    @Override
    public List<byte[]> seeds() {
        byte[] id = new byte[ID_BYTES];
        Arrays.fill(id, (byte) 'm');
        byte[] nonce = new byte[AddressProof.NONCE_BYTES];
        byte[] question = ByteBufUtil.getBytes(AddressProof.question(nonce));
        byte[] answer = ByteBufUtil.getBytes(AddressProof.answer(id, SECRET, nonce));
        byte[] shortHeader = new Bytes().octet(0x40).raw(id).raw(new byte[20]).array();
        return List.of(
                new Bytes().octet(0).raw(new byte[44]).array(),
                new Bytes().octet(1).raw(question).array(),
                new Bytes().octet(1).raw(answer).array(),
                new Bytes()
                        .octet(2)
                        .octet(0)
                        .chunk(shortHeader)
                        .octet(1)
                        .chunk(shortHeader)
                        .octet(1)
                        .chunk(answer)
                        .octet(0x89)
                        .chunk(shortHeader)
                        .array());
    }

    /** A pipeline, keys, and a few objects for each packet. */
    @Override
    public long capBytes(int inputBytes) {
        return 256 * 1024 + 512L * inputBytes;
    }
}
