package tp.transport.grpc;

import io.netty.handler.ssl.SslContext;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.ListenerContext;

/**
 * What the connections of one listener share: TLS, and the count of those that carry no session.
 */
final class Strangers {

    private static final int MAX_CONNECTIONS = 512;

    private final LinkAcceptor acceptor;
    private final SslContext tls;
    private final AtomicInteger connections = new AtomicInteger();

    Strangers(ListenerContext context) throws SSLException {
        acceptor = context.acceptor();
        tls = Tls.manager(context);
    }

    LinkAcceptor acceptor() {
        return acceptor;
    }

    SslContext tls() {
        return tls;
    }

    /** {@return whether there is room for one more; each one that comes has to leave} */
    boolean comes() {
        return connections.incrementAndGet() <= MAX_CONNECTIONS;
    }

    void leaves() {
        connections.decrementAndGet();
    }

    void refused(SocketAddress peer, String reason) {
        acceptor.refused(peer, reason);
    }
}
