package tp.tunnel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collections;
import tp.spi.transport.ServerPin;

/** The manager's private key with its certificate. Holds a secret, and is never printed. */
public final class ServerKey {

    private final PrivateKey key;
    private final X509Certificate certificate;

    private ServerKey(PrivateKey key, X509Certificate certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /**
     * Reads the one key of a PKCS #12 store.
     *
     * @throws GeneralSecurityException where the store has no key, or the password is wrong
     */
    public static ServerKey load(byte[] pkcs12, char[] password) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(new ByteArrayInputStream(pkcs12), password);
        } catch (IOException e) {
            throw new GeneralSecurityException("the key store cannot be read", e);
        }
        for (String alias : Collections.list(store.aliases())) {
            if (store.getKey(alias, password) instanceof PrivateKey key
                    && store.getCertificate(alias) instanceof X509Certificate certificate) {
                return new ServerKey(key, certificate);
            }
        }
        throw new GeneralSecurityException("the key store holds no private key");
    }

    public ServerPin pin() {
        return ServerPin.of(certificate.getPublicKey());
    }

    public PrivateKey key() {
        return key;
    }

    public X509Certificate certificate() {
        return certificate;
    }
}
