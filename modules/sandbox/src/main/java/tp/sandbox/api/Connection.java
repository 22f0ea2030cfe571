package tp.sandbox.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client. Its event loop reads requests; each is served by a virtual thread,
 * one at a time, which is interrupted when the client goes away.
 */
final class Connection extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final int MAX_PIPELINED = 16;

    private final Consumer<Exchange> server;
    private final Channel channel;
    private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition writable = lock.newCondition();

    /** On the event loop only. */
    private @Nullable Thread serving;

    Connection(Channel channel, Consumer<Exchange> server) {
        this.channel = channel;
        this.server = server;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest http) {
        if (!http.decoderResult().isSuccess() || waiting.size() >= MAX_PIPELINED) {
            Outbound.close(context);
            return;
        }
        waiting.add(http.retain());
        serveNext();
    }

    private void serveNext() {
        if (serving != null || waiting.isEmpty()) {
            return;
        }
        FullHttpRequest http = waiting.remove();
        Thread thread =
                Thread.ofVirtual()
                        .name("api " + http.method() + " " + http.uri())
                        .unstarted(() -> serve(http));
        serving = thread;
        thread.start();
    }

    private void serve(FullHttpRequest http) {
        try {
            server.accept(new Exchange(http, this));
        } finally {
            served(http);
        }
    }

    private void served(FullHttpRequest http) {
        try {
            channel.eventLoop()
                    .execute(
                            () -> {
                                ReferenceCountUtil.release(http);
                                serving = null;
                                serveNext();
                            });
        } catch (RejectedExecutionException e) {
            // The server is closed, and its loops with it.
            ReferenceCountUtil.release(http);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        wakeWriters();
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        wakeWriters();
        if (serving != null) {
            serving.interrupt();
        }
        while (!waiting.isEmpty()) {
            ReferenceCountUtil.release(waiting.remove());
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Outbound.close(context);
    }

    private void wakeWriters() {
        lock.lock();
        try {
            writable.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Writes a message, after waiting until the client has taken enough of those before. */
    void write(Object message) throws IOException {
        lock.lock();
        try {
            while (channel.isActive() && !channel.isWritable()) {
                writable.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ReferenceCountUtil.release(message);
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
        if (!channel.isActive()) {
            ReferenceCountUtil.release(message);
            throw new IOException("the client is gone");
        }
        Outbound.send(channel, message);
    }

    /** {@return the certificate that the client has shown} */
    Optional<X509Certificate> clientCertificate() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return Optional.of((X509Certificate) chain[0]);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    void closeAfterWrites() {
        Outbound.sendAndClose(channel, Unpooled.EMPTY_BUFFER);
    }

    void onLoop(Consumer<Channel> work) throws IOException {
        if (!channel.isActive()) {
            throw new IOException("the client is gone");
        }
        channel.eventLoop().execute(() -> work.accept(channel));
    }

    /** Everything after the next write belongs to another protocol. */
    void forgetHttp() {
        channel.pipeline().remove(HttpObjectAggregator.class);
        channel.pipeline().remove(HttpServerCodec.class);
    }
}
