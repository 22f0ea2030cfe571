package tp.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that speaks TLS and HTTP/2 as it should, and says on the streams whatever it likes. */
final class Stranger implements AutoCloseable {

    final BlockingQueue<Message> said = new ArrayBlockingQueue<>(100_000);
    private final Channel link;

    Stranger(Tunnels tunnels) throws Exception {
        SslHandler tls = Tls.client(tunnels.key.pin()).newHandler(Unpooled.EMPTY_BUFFER.alloc());
        link =
                new Bootstrap()
                        .group(tunnels.laptopLoops)
                        .channel(NioSocketChannel.class)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(tls);
                                        Http2.add(
                                                channel.pipeline(),
                                                true,
                                                new ChannelInboundHandlerAdapter());
                                    }
                                })
                        .connect(tunnels.server.address())
                        .sync()
                        .channel();
        tls.handshakeFuture().sync();
    }

    /** {@return a stream of that path} What the manager says on it comes to {@link #said}. */
    Channel stream(String path) throws IOException, InterruptedException {
        Future<Http2StreamChannel> opened =
                new Http2StreamChannelBootstrap(link)
                        .handler(new MessageStream(new Ear(), () -> {}))
                        .open()
                        .await();
        if (!opened.isSuccess()) {
            throw new IOException("the link ended", opened.cause());
        }
        Channel stream = opened.getNow();
        stream.write(
                new DefaultHttp2HeadersFrame(
                        new DefaultHttp2Headers(false)
                                .method("POST")
                                .scheme("https")
                                .authority("tp")
                                .path(path),
                        false));
        return stream;
    }

    void say(Channel stream, byte[] bytes) {
        stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(bytes), false));
    }

    void say(Channel stream, Message message) {
        ByteBuf bytes = MessageCodec.encode(stream.alloc(), message);
        stream.writeAndFlush(new DefaultHttp2DataFrame(bytes, false));
    }

    void hello() throws IOException, InterruptedException {
        say(
                stream(Http2.CONTROL),
                new Message.Hello(new ClientHello("x", "right", MappingRequest.everything())));
        Message first = said.poll(10, TimeUnit.SECONDS);
        if (!(first instanceof Message.Welcomed)) {
            throw new IllegalStateException("not welcomed but " + first);
        }
    }

    boolean isOpen() {
        return link.isOpen();
    }

    boolean awaitClosed() throws InterruptedException {
        return link.closeFuture().await(5, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        link.close().syncUninterruptibly();
    }

    private final class Ear implements MessageStream.Receiver {
        @Override
        public void received(Message message) {
            said.offer(message);
            MessageStream.release(message);
        }

        @Override
        public void closed() {}
    }
}
