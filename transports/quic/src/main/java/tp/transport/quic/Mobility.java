package tp.transport.quic;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** Makes one connection of the manager's known to {@link MovedClients}, and tells the secret. */
final class Mobility extends ChannelInboundHandlerAdapter {

    private final MovedClients moved;
    private MovedClients.@Nullable Client client;

    Mobility(MovedClients moved) {
        this.moved = moved;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
            begin((QuicChannel) ctx.channel());
        }
        ctx.fireUserEventTriggered(event);
    }

    private void begin(QuicChannel connection) {
        QuicConnectionAddress managersId = connection.localAddress();
        QuicConnectionAddress clientsId = connection.remoteAddress();
        if (managersId != null
                && clientsId != null
                && connection.remoteSocketAddress() instanceof InetSocketAddress first) {
            byte[] secret = new byte[AddressProof.SECRET_BYTES];
            new SecureRandom().nextBytes(secret);
            client = moved.connected(managersId, clientsId, first, secret);
            tell(connection, secret);
        }
    }

    /** A client that takes no such stream cannot prove anything, and stays where it is. */
    private static void tell(QuicChannel connection, byte[] secret) {
        connection
                .createStream(QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                .addListener(
                        (Future<QuicStreamChannel> opened) -> {
                            if (opened.isSuccess()) {
                                QuicStreamChannel stream = opened.getNow();
                                stream.writeAndFlush(Unpooled.wrappedBuffer(secret))
                                        .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
                            }
                        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (client != null) {
            client.close();
            client = null;
        }
        ctx.fireChannelInactive();
    }
}
