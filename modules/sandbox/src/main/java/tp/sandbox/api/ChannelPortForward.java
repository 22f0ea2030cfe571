package tp.sandbox.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Port-forward over {@code v4.channel.k8s.io}: a message begins with the number of its channel; the
 * port of index i has 2i for data and 2i+1 for errors, and the first message of each channel names
 * the port, low byte first. One connection for each port; when all have ended, so does the
 * websocket.
 */
final class ChannelPortForward extends ChannelInboundHandlerAdapter {

    private static final int NORMAL_CLOSURE = 1_000;

    /** An error channel that no port has. */
    private static final int NO_CHANNEL = 255;

    private final PodPorts pod;
    private final List<Integer> ports;
    private final List<PodSocket> sockets = new ArrayList<>();
    private int open;

    /** The channel of the message whose frames are arriving. */
    private int current;

    ChannelPortForward(PodPorts pod, List<Integer> ports) {
        this.pod = pod;
        this.ports = ports;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        // Behind the answer to the handshake.
        context.channel().eventLoop().execute(() -> start(context));
    }

    private void start(ChannelHandlerContext context) {
        open = ports.size();
        for (int i = 0; i < ports.size(); i++) {
            int port = ports.get(i);
            PodSocket socket = new PodSocket();
            sockets.add(socket);
            for (int channel = 2 * i; channel <= 2 * i + 1; channel++) {
                ByteBuf name = Unpooled.buffer(3).writeByte(channel).writeShortLE(port);
                Outbound.send(context, new BinaryWebSocketFrame(name));
            }
            pod.connect(context.channel().eventLoop(), port, new Port(context, 2 * i, socket));
        }
        updateReading(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case BinaryWebSocketFrame frame -> {
                boolean hasChannel = frame.content().isReadable();
                current = hasChannel ? frame.content().readUnsignedByte() : NO_CHANNEL;
                write(frame.content());
            }
            case ContinuationWebSocketFrame frame -> write(frame.content());
            default -> ReferenceCountUtil.release(message);
        }
        updateReading(context);
    }

    private void write(ByteBuf data) {
        boolean isData = current % 2 == 0 && current / 2 < sockets.size();
        if (isData && data.isReadable()) {
            sockets.get(current / 2).write(data);
        } else {
            ReferenceCountUtil.release(data);
        }
    }

    /** One pod that takes no more stops the client: the websocket has one window for all. */
    private void updateReading(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(sockets.stream().allMatch(PodSocket::takesMore));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean isWritable = context.channel().isWritable();
        sockets.forEach(socket -> socket.read(isWritable));
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        sockets.forEach(PodSocket::close);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Outbound.close(context);
    }

    /** What comes from one port. */
    private final class Port implements PodPorts.Events {

        private final ChannelHandlerContext context;
        private final int channel;
        private final PodSocket socket;

        Port(ChannelHandlerContext context, int channel, PodSocket socket) {
            this.context = context;
            this.channel = channel;
            this.socket = socket;
        }

        @Override
        public void connected(Channel connected) {
            socket.connected(connected, context.channel().isWritable());
            updateReading(context);
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the connection.
        public void data(ByteBuf data) {
            ByteBuf number = context.alloc().buffer(1).writeByte(channel);
            context.write(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(number, data)));
        }

        @Override
        public void batchEnded() {
            context.flush();
        }

        @Override
        public void writabilityChanged() {
            updateReading(context);
        }

        @Override
        public void ended() {
            end();
        }

        @Override
        public void failed(String why) {
            ByteBuf text = Unpooled.buffer().writeByte(channel + 1);
            text.writeCharSequence(why, StandardCharsets.UTF_8);
            Outbound.send(context, new BinaryWebSocketFrame(text));
            end();
        }

        private void end() {
            socket.close();
            updateReading(context);
            open--;
            if (open == 0) {
                Outbound.sendAndClose(context, new CloseWebSocketFrame(NORMAL_CLOSURE, ""));
            }
        }
    }
}
