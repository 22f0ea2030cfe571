package tp.spi.transport;

import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The one key that a manager may have.
 *
 * @param spkiSha256 SHA-256 of its SubjectPublicKeyInfo (RFC 5280 §4.1), in base64
 */
public record ServerPin(String spkiSha256) {

    public static ServerPin of(PublicKey key) {
        return new ServerPin(Base64.getEncoder().encodeToString(sha256(key.getEncoded())));
    }

    /**
     * {@return who trusts this key and no other} No certificate authority and no host name are
     * asked: the key was read through the API server, with the user's own credentials.
     */
    public X509ExtendedTrustManager trustManager() {
        return new PinnedKey(this);
    }

    /** {@return whether that failure is another key than the pinned one} */
    public static boolean isWrongKey(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof WrongKeyException) {
                return true;
            }
        }
        return false;
    }

    boolean matches(PublicKey key) {
        byte[] wanted;
        try {
            wanted = Base64.getDecoder().decode(spkiSha256);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return MessageDigest.isEqual(wanted, sha256(key.getEncoded()));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static final class PinnedKey extends X509ExtendedTrustManager {

        private final ServerPin pin;

        PinnedKey(ServerPin pin) {
            this.pin = pin;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0 || !pin.matches(chain[0].getPublicKey())) {
                throw new WrongKeyException();
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
