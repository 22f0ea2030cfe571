package tp.spi.transport;

import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * What a listener may use.
 *
 * @param bind where to listen
 * @param key the manager's key, for listeners that end TLS themselves: a secret, never printed
 * @param certificate the one that goes with the key
 * @param loops on which links live; owned by the core
 * @param acceptor who takes what came in
 */
public record ListenerContext(
        InetSocketAddress bind,
        PrivateKey key,
        X509Certificate certificate,
        EventLoopGroup loops,
        LinkAcceptor acceptor) {

    @Override
    public String toString() {
        return "ListenerContext[bind=" + bind + "]";
    }
}
