package tp.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2DataFrame;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;

/** Length-prefixed messages of protobuf, cut anywhere, and words of strangers. */
public final class GrpcMessages implements Target {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    /** What a reader made of the bytes; the end is empty where it was no error. */
    @SuppressWarnings("ArrayRecordComponent") // compared one by one
    private record Heard(byte[] data, boolean between, String end) {}

    @Override
    public void take(byte[] input) throws MalformedException {
        Input in = new Input(input);
        int cut = 1 + in.octet() % 16;
        byte[] bytes = in.rest();
        Heard whole = heard(bytes, Math.max(1, bytes.length));
        Heard parts = heard(bytes, cut);
        Promise.same(whole.end, parts.end, "it ends the same however it is cut");
        Promise.same(whole.between, parts.between, "and in the same place");
        Promise.same(whole.data, parts.data, "and is the same");
        Promise.same(bytes, read(written(bytes)), "what is written is read");
        words(new Input(bytes).text());
    }

    private static Heard heard(byte[] bytes, int cut) {
        ChunkReader reader = new ChunkReader();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        String end = "";
        ByteBuf all = Unpooled.wrappedBuffer(bytes);
        try {
            while (all.isReadable()) {
                reader.read(
                        all.readSlice(Math.min(cut, all.readableBytes())),
                        part -> {
                            Promise.kept(part.isReadable(), "nothing is no data");
                            data.writeBytes(ByteBufUtil.getBytes(part));
                            part.release();
                        });
            }
        } catch (MalformedException e) {
            end = e.status() + e.text();
        }
        Promise.same(all.refCnt(), 1, "parts are let go");
        return new Heard(data.toByteArray(), end.isEmpty() && reader.betweenMessages(), end);
    }

    private static byte[] read(byte[] messages) throws MalformedException {
        ChunkReader reader = new ChunkReader();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        reader.read(
                Unpooled.wrappedBuffer(messages),
                part -> {
                    data.writeBytes(ByteBufUtil.getBytes(part));
                    part.release();
                });
        Promise.kept(reader.betweenMessages(), "messages are written whole");
        return data.toByteArray();
    }

    private byte[] written(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(allocator);
        channel.pipeline()
                .addLast(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void write(
                                    ChannelHandlerContext ctx,
                                    Object message,
                                    ChannelPromise done) {
                                ChunkWriter.write(ctx, (ByteBuf) message, done);
                            }
                        });
        channel.writeOutbound(Unpooled.wrappedBuffer(bytes));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Http2DataFrame frame = channel.readOutbound();
                frame != null;
                frame = channel.readOutbound()) {
            out.writeBytes(ByteBufUtil.getBytes(frame.content()));
            frame.release();
        }
        channel.finishAndReleaseAll();
        Promise.same(allocator.metric().usedDirectMemory(), 0L, "nothing leaks");
        return out.toByteArray();
    }

    private static void words(String text) {
        String shown = Words.of(text);
        Promise.kept(shown.length() <= 123, "words are few");
        Promise.kept(shown.chars().allMatch(c -> c >= ' ' && c < 127), "words are printable");
        GrpcStatus.text(text);
        GrpcHeaders.isGrpc(text);
    }

    @Override
    public List<byte[]> seeds() {
        byte[] data = "data".getBytes(StandardCharsets.US_ASCII);
        return List.of(
                new Bytes().octet(0).raw(written(data)).array(),
                new Bytes().octet(3).raw(written(data)).raw(written(new byte[200])).array(),
                // A number, then a field of another length, then the data.
                new Bytes()
                        .octet(1)
                        .raw(new byte[] {0, 0, 0, 0, 15})
                        .raw(new byte[] {0x10, (byte) 0x96, 1, 0x1a, 1, 'x', 0x25, 1, 2, 3, 4})
                        .raw(new byte[] {0x0a, 2, 'h', 'i'})
                        .array(),
                new Bytes().octet(0).text("application/grpc+proto; charset=x").array());
    }

    /** A part of one byte is a slice, a copy and a list's growth. */
    @Override
    public long capBytes(int inputBytes) {
        return 64 * 1024 + 1_024L * inputBytes;
    }
}
