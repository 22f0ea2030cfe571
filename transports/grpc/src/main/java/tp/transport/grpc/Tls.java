package tp.transport.grpc;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import tp.spi.transport.ListenerContext;
import tp.spi.transport.ServerPin;

/** The outer TLS: the manager's own, or that of a proxy, of which nothing is expected. */
final class Tls {

    private static final String VERSION = "TLSv1.3";

    /** Of proxies that have no better one. */
    private static final String OLDER = "TLSv1.2";

    private Tls() {}

    /**
     * {@return TLS to whoever answers} Who that is, is asked afterwards, by {@link #isManager}. A
     * context of its own for each connection: a resumed session would show no key.
     */
    static SslHandler toAnybody(Target target, ByteBufAllocator alloc) throws SSLException {
        SslContext fresh =
                SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .protocols(VERSION, OLDER)
                        .endpointIdentificationAlgorithm("")
                        .trustManager(new Anybody())
                        .applicationProtocolConfig(http2())
                        .build();
        SslHandler handler = fresh.newHandler(alloc, target.host(), target.port());
        handler.setHandshakeTimeoutMillis(0); // there is one deadline for everything
        return handler;
    }

    /** {@return whether TLS 1.3 ends at who has the manager's key} */
    static boolean isManager(SSLSession session, ServerPin pin) {
        if (!VERSION.equals(session.getProtocol())) {
            return false;
        }
        try {
            for (Certificate first : session.getPeerCertificates()) {
                return ServerPin.of(first.getPublicKey()).equals(pin);
            }
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
        return false;
    }

    static SslContext manager(ListenerContext context) throws SSLException {
        return SslContextBuilder.forServer(context.key(), context.certificate())
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

    /**
     * Takes every certificate. What is sent to one that is not the manager's is TLS to the
     * manager's key itself, as over a proxy in the clear.
     */
    private static final class Anybody extends X509ExtendedTrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("clients have no certificates");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("clients have no certificates");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("clients have no certificates");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
