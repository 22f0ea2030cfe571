package tp.sandbox.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Port-forward over SPDY/3.1, bare or inside a websocket. For each connection the client opens an
 * {@code error} stream and a {@code data} stream with the same {@code requestID}. Neither end does
 * flow control for single streams (Go's spdystream knows none), so a slow pod stops the client as a
 * whole.
 */
final class SpdyPortForward extends ChannelInboundHandlerAdapter {

    private static final int MAX_CONNECTIONS = 4_096;

    private final PodPorts pod;
    private final Map<String, Pair> byRequest = new HashMap<>();
    private final Map<Integer, Pair> byStream = new HashMap<>();

    SpdyPortForward(PodPorts pod) {
        this.pod = pod;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case SpdySynStreamFrame frame -> open(context, frame);
            case SpdyDataFrame frame -> data(frame);
            case SpdyRstStreamFrame frame -> {
                Pair pair = byStream.get(frame.streamId());
                if (pair != null) {
                    pair.forget();
                }
            }
            case SpdyPingFrame frame ->
                    Outbound.send(context, new DefaultSpdyPingFrame(frame.id()));
            case SpdyGoAwayFrame frame -> {
                // What is open goes on; the client closes when it is done.
                ReferenceCountUtil.release(frame);
            }
            default -> ReferenceCountUtil.release(message);
        }
        updateReading(context);
    }

    private void open(ChannelHandlerContext context, SpdySynStreamFrame frame) {
        String type = header(frame, "streamtype");
        String request = header(frame, "requestid");
        String port = header(frame, "port");
        boolean isWrong =
                frame.isInvalid()
                        || !port.matches("[0-9]{1,5}")
                        || !(type.equals("data") || type.equals("error"))
                        || byRequest.size() >= MAX_CONNECTIONS;
        if (isWrong) {
            Outbound.send(
                    context,
                    new DefaultSpdyRstStreamFrame(
                            frame.streamId(), SpdyStreamStatus.REFUSED_STREAM));
            return;
        }
        SpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(frame.streamId());
        // Netty writes no header block at all where there is no header; Go's client then gives up.
        reply.headers().set("port", port);
        Outbound.send(context, reply);
        Pair pair =
                byRequest.computeIfAbsent(
                        request, id -> new Pair(context, id, Integer.parseInt(port)));
        byStream.put(frame.streamId(), pair);
        pair.opened(type.equals("data"), frame.streamId());
    }

    private static String header(SpdySynStreamFrame frame, String name) {
        CharSequence value = frame.headers().get(name);
        return value == null ? "" : value.toString();
    }

    private void data(SpdyDataFrame frame) {
        Pair pair = byStream.get(frame.streamId());
        if (pair == null) {
            ReferenceCountUtil.release(frame);
            return;
        }
        pair.received(frame.streamId(), frame.content(), frame.isLast());
    }

    private void updateReading(ChannelHandlerContext context) {
        context.channel()
                .config()
                .setAutoRead(byRequest.values().stream().allMatch(Pair::takesMore));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean isWritable = context.channel().isWritable();
        byRequest.values().forEach(pair -> pair.socket.read(isWritable));
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        byRequest.values().forEach(pair -> pair.socket.close());
        byRequest.clear();
        byStream.clear();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Outbound.close(context);
    }

    /** The two streams of one connection. */
    private final class Pair implements PodPorts.Events {

        private final ChannelHandlerContext context;
        private final String request;
        private final int port;
        private final PodSocket socket = new PodSocket();
        private int dataStream;
        private int errorStream;
        private boolean isStarted;
        private boolean podEnded;
        private boolean clientEnded;

        Pair(ChannelHandlerContext context, String request, int port) {
            this.context = context;
            this.request = request;
            this.port = port;
        }

        void opened(boolean isData, int stream) {
            if (isData) {
                dataStream = stream;
            } else {
                errorStream = stream;
            }
            if (dataStream != 0 && errorStream != 0 && !isStarted) {
                isStarted = true;
                pod.connect(context.channel().eventLoop(), port, this);
            }
        }

        boolean takesMore() {
            return !isStarted || socket.takesMore();
        }

        void received(int stream, ByteBuf content, boolean isLast) {
            if (stream != dataStream) {
                ReferenceCountUtil.release(content);
                return;
            }
            socket.write(content);
            if (isLast && !clientEnded) {
                clientEnded = true;
                socket.finish();
                endIfDone();
            }
        }

        @Override
        public void connected(Channel connected) {
            socket.connected(connected, context.channel().isWritable());
            updateReading(context);
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // A failed write closes the connection.
        public void data(ByteBuf data) {
            context.write(new DefaultSpdyDataFrame(dataStream, data));
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
            sendLast(dataStream, Unpooled.EMPTY_BUFFER);
            sendLast(errorStream, Unpooled.EMPTY_BUFFER);
            podEnded = true;
            endIfDone();
        }

        @Override
        public void failed(String why) {
            sendLast(errorStream, Unpooled.copiedBuffer(why, StandardCharsets.UTF_8));
            sendLast(dataStream, Unpooled.EMPTY_BUFFER);
            podEnded = true;
            clientEnded = true;
            endIfDone();
        }

        private void sendLast(int stream, ByteBuf content) {
            Outbound.send(context, new DefaultSpdyDataFrame(stream, content).setLast(true));
        }

        private void endIfDone() {
            if (podEnded && clientEnded) {
                forget();
            }
            updateReading(context);
        }

        void forget() {
            socket.close();
            byRequest.remove(request);
            byStream.remove(dataStream);
            byStream.remove(errorStream);
        }
    }
}
