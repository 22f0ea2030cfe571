package tp.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import tp.spi.transport.Sockets;
import tp.spi.transport.StreamLink;

/** A client that speaks TLS and HTTP/2 as it should, and says on the streams whatever it likes. */
final class Stranger implements AutoCloseable {

    final BlockingQueue<Message> said = new ArrayBlockingQueue<>(100_000);
    private final Channel channel;
    private final StreamLink link;

    Stranger(Tunnels tunnels) throws Exception {
        SslHandler tls = Tls.client(tunnels.key.pin()).newHandler(Unpooled.EMPTY_BUFFER.alloc());
        AtomicReference<StreamLink> laid = new AtomicReference<>();
        channel =
                new Bootstrap()
                        .group(tunnels.laptopLoops)
                        .channel(Sockets.of(tunnels.laptopLoops).connection())
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline().addLast(tls);
                                        laid.set(Http2Link.client(channel));
                                    }
                                })
                        .connect(tunnels.server.address())
                        .sync()
                        .channel();
        link = Objects.requireNonNull(laid.get());
        tls.handshakeFuture().sync();
    }

    /** {@return a new stream} What the manager says on it comes to {@link #said}. */
    Channel stream() throws IOException, InterruptedException {
        Future<Channel> opened = link.openStream(new MessageStream(new Ear(), () -> {})).await();
        if (!opened.isSuccess()) {
            throw new IOException("the link ended", opened.cause());
        }
        return opened.getNow();
    }

    void say(Channel stream, byte[] bytes) {
        stream.writeAndFlush(Unpooled.copiedBuffer(bytes));
    }

    void say(Channel stream, Message message) {
        MessageStream.writeAndFlush(stream, message);
    }

    void hello() throws IOException, InterruptedException {
        say(
                stream(),
                new Message.Hello(new ClientHello("x", "right", MappingRequest.everything())));
        Message first = said.poll(10, TimeUnit.SECONDS);
        if (!(first instanceof Message.Welcomed)) {
            throw new IllegalStateException("not welcomed but " + first);
        }
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    boolean awaitClosed() throws InterruptedException {
        return channel.closeFuture().await(5, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
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
