package tp.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.internal.CertUtils;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Whom to believe that he is the API server. As with kubectl, an authority named by the kubeconfig
 * is the only one; the client adds it to those of the Java runtime.
 */
final class ServerTrust {

    private ServerTrust() {}

    /**
     * Sets what the builder trusts, where the kubeconfig names an authority.
     *
     * @throws IllegalArgumentException without the content, where a certificate or key is none
     */
    static void apply(Config config, HttpClient.Builder builder) {
        boolean named = isSet(config.getCaCertData()) || isSet(config.getCaCertFile());
        if (!named || config.isTrustCerts()) {
            return;
        }
        try {
            builder.sslContext(SSLUtils.keyManagers(config), authorities(config));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("no usable certificate or key");
        }
    }

    private static TrustManager[] authorities(Config config)
            throws GeneralSecurityException, IOException {
        Collection<? extends Certificate> certificates =
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                CertUtils.getInputStreamFromDataOrFile(
                                        config.getCaCertData(), config.getCaCertFile()));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("authority-" + number++, certificate);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static boolean isSet(String text) {
        return text != null && !text.isBlank();
    }
}
