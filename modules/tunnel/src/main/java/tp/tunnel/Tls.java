package tp.tunnel;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

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
                .trustManager(new PinnedKey(pin))
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

    /** The peer's key is not the pinned one. */
    static final class WrongKey extends CertificateException {
        private static final long serialVersionUID = 1L;

        WrongKey() {
            super("the manager's key is not the one in tp-manager-info");
        }
    }

    private static final class PinnedKey extends X509ExtendedTrustManager {

        private final ServerPin pin;

        PinnedKey(ServerPin pin) {
            this.pin = pin;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0 || !pin.matches(chain[0].getPublicKey())) {
                throw new WrongKey();
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

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
