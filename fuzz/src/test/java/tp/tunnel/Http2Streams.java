package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalServerChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tp.fuzz.Bytes;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.spi.transport.LinkEvents;

/** HTTP/2 as a client of the manager may speak it (RFC 9113), with messages on its streams. */
public final class Http2Streams implements Target {

    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    private static final class Heard implements LinkEvents {
        private int opened;
        private int closed;
        private int ended;
        private int malformed;

        @Override
        public void opened(Channel stream) {
            opened++;
            stream.pipeline().addLast(new MessageStream(new Reader(), () -> malformed++));
        }

        @Override
        public void datagram(ByteBuf datagram) {
            throw new AssertionError("HTTP/2 has no datagrams");
        }

        @Override
        public void closed(Optional<Throwable> cause) {
            closed++;
        }

        private final class Reader implements MessageStream.Receiver {
            @Override
            public void received(Message message) {
                MessageStream.release(message);
            }

            @Override
            public void closed() {
                ended++;
            }
        }
    }

    @Override
    public void take(byte[] input) {
        Heard heard = new Heard();
        // By its parent Netty knows that this is a server's end.
        EmbeddedChannel channel =
                new EmbeddedChannel(
                        new LocalServerChannel(), DefaultChannelId.newInstance(), true, false);
        channel.config().setAllocator(allocator);
        Http2Link.server(channel).start(heard);
        channel.writeInbound(allocator.directBuffer().writeBytes(PREFACE));
        channel.writeInbound(allocator.directBuffer().writeBytes(input));
        channel.runPendingTasks();
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        channel.releaseOutbound(); // what was said at the end
        Promise.same(heard.closed, 1, "the end is told once");
        Promise.same(heard.ended, heard.opened, "so is each stream's");
        Promise.kept(heard.malformed <= heard.opened, "nothing is read behind what is malformed");
        Promise.same(allocator.metric().usedDirectMemory(), 0L, "nothing leaks");
        Promise.same(allocator.metric().usedHeapMemory(), 0L, "nothing leaks");
    }

    @Override
    public List<byte[]> seeds() {
        // Huffman is the encoder's choice, plain text is as good: RFC 7541 §6.2.2, names of the
        // static table (:method POST is 3, :scheme https is 7, :path is 4, :authority is 1).
        byte[] headers =
                new Bytes()
                        .octet(0x83)
                        .octet(0x87)
                        .octet(0x04)
                        .octet(12)
                        .text("/tp/1/stream")
                        .octet(0x01)
                        .octet(2)
                        .text("tp")
                        .array();
        byte[] ping = new Bytes().octet(21).octet(0).number16(16).raw(new byte[16]).array();
        byte[] settings = frame(4, 0, 0, new byte[0]);
        byte[] open = frame(1, 4, 1, headers);
        return List.of(
                new Bytes().raw(settings).raw(open).raw(frame(0, 0, 1, ping)).array(),
                new Bytes().raw(settings).raw(open).raw(frame(0, 1, 1, ping)).array(),
                new Bytes()
                        .raw(settings)
                        .raw(open)
                        .raw(frame(3, 0, 1, new byte[4]))
                        .raw(frame(1, 5, 3, headers))
                        .raw(frame(6, 0, 0, new byte[8]))
                        .raw(frame(8, 0, 0, new byte[] {0, 0, 1, 0}))
                        .raw(frame(7, 0, 0, new byte[8]))
                        .array());
    }

    private static byte[] frame(int type, int flags, int stream, byte[] content) {
        Bytes frame = new Bytes().octet(content.length >> 16).number16(content.length);
        return frame.octet(type).octet(flags).number16(0).number16(stream).raw(content).array();
    }

    /** A connection's codec, tables and first frames; a frame of nine bytes may open a stream. */
    @Override
    public long capBytes(int inputBytes) {
        return 512 * 1024 + 2_048L * inputBytes;
    }
}
