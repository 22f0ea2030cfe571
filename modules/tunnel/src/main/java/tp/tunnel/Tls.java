package tp.tunnel;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;
import tp.spi.transport.ServerPin;

/**
 * TLS 1.3 to the manager's pinned key. No certificate authority and no host name are asked: the key
 * was read through the API server, with the user's own credentials.
 */
final class Tls {

    private static final String VERSION = "TLSv1.3";

    private Tls() {}

    static SslContext client(ServerPin pin) throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols(VERSION)
                .endpointIdentificationAlgorithm("")
                .trustManager(pin.trustManager())
                .applicationProtocolConfig(http2())
                .build();
    }

    static SslContext server(ServerKey key) throws SSLException {
        return SslContextBuilder.forServer(key.key(), key.certificate())
                .sslProvider(SslProvider.JDK)
                .protocols(VERSION)
                .clientAuth(ClientAuth.NONE)
                .applicationProtocolConfig(http2())
                .build();
    }

    private static ApplicationProtocolConfig http2() {
        return new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2);
    }
}
