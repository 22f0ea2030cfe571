package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.List;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;

/** A stream of messages: however its bytes are cut, it says the same, and keeps no more of them. */
public final class MessageStreams implements Target {

    private static final int MAX_BODY_BYTES = 96 * 1024;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    private final class Heard implements MessageStream.Receiver {
        private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
        private int malformed;
        private int closed;

        @Override
        public void received(Message message) {
            ByteBuf bytes = MessageCodec.encode(allocator, message);
            messages.writeBytes(ByteBufUtil.getBytes(bytes));
            bytes.release();
        }

        @Override
        public int maxBodyBytes() {
            return MAX_BODY_BYTES;
        }

        @Override
        public void closed() {
            closed++;
        }
    }

    @Override
    public void take(byte[] input) {
        Input in = new Input(input);
        int cut = 1 + in.octet() % 64;
        byte[] bytes = in.rest();
        Heard whole = heard(bytes, Math.max(1, bytes.length));
        Heard parts = heard(bytes, cut);
        Promise.same(
                whole.messages.toByteArray(),
                parts.messages.toByteArray(),
                "it is the same however it is cut");
        Promise.same(whole.malformed, parts.malformed, "so is what is malformed");
    }

    private Heard heard(byte[] bytes, int cut) {
        Heard heard = new Heard();
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline().addLast(new MessageStream(heard, () -> heard.malformed++));
        for (int at = 0; at < bytes.length && channel.isOpen(); at += cut) {
            int count = Math.min(cut, bytes.length - at);
            channel.writeInbound(allocator.directBuffer(count).writeBytes(bytes, at, count));
            Promise.kept(
                    allocator.metric().usedDirectMemory() <= 64 + 2L * bytes.length,
                    "no memory is taken for what has not come");
        }
        Promise.kept(heard.malformed <= 1, "nothing is read behind what is malformed");
        channel.finishAndReleaseAll();
        Promise.same(heard.closed, 1, "the end is told once");
        Promise.same(allocator.metric().usedDirectMemory(), 0L, "nothing leaks");
        return heard;
    }

    @Override
    public List<byte[]> seeds() {
        Bytes all = new Bytes().octet(6);
        for (Message message : Messages.real()) {
            ByteBuf bytes = MessageCodec.encode(allocator, message);
            all.raw(ByteBufUtil.getBytes(bytes));
            bytes.release();
        }
        return List.of(all.array(), new Bytes().octet(0).octet(5).raw(new byte[11]).array());
    }

    /** Two channels, and for each part a buffer and what is around it. */
    @Override
    public long capBytes(int inputBytes) {
        return 128 * 1024 + 2_048L * inputBytes;
    }
}
