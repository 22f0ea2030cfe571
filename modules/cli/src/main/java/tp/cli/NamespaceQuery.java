package tp.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Asks an API server for the names of its namespaces, within the time that somebody who completes a
 * word waits (docs/adr/0006). Runs no credential plug-in, which might ask something in turn, and
 * sends a token to nobody but a server that the kubeconfig's own authority vouches for.
 */
final class NamespaceQuery {

    private static final int CONNECT_MS = 500;
    private static final int READ_MS = 700;
    private static final int MOST_BYTES = 4 << 20;
    private static final String PATH = "/api/v1/namespaces?limit=500";
    private static final Pattern NAME = Pattern.compile("/items/\\d+/metadata/name");

    private final URI server;
    private final Kubeconfig.Entry cluster;
    private final Kubeconfig.Entry user;

    private NamespaceQuery(URI server, Kubeconfig.Entry cluster, Kubeconfig.Entry user) {
        this.server = server;
        this.cluster = cluster;
        this.user = user;
    }

    /** {@return the question to the cluster of that context, empty where it cannot be asked} */
    static Optional<NamespaceQuery> of(Kubeconfig config, Kubeconfig.Entry context) {
        Optional<Kubeconfig.Entry> cluster = config.cluster(context.text("cluster"));
        Optional<Kubeconfig.Entry> user = config.user(context.text("user"));
        if (cluster.isEmpty() || user.isEmpty()) {
            return Optional.empty();
        }
        Kubeconfig.Entry at = cluster.get();
        Kubeconfig.Entry by = user.get();
        boolean plain =
                !at.has("insecure-skip-tls-verify")
                        && !at.has("tls-server-name")
                        && !at.has("proxy-url")
                        && !by.has("exec")
                        && !by.has("auth-provider")
                        && !by.has("as");
        URI server = URI.create(at.text("server").replaceAll("/+$", "") + PATH);
        return plain && "https".equals(server.getScheme())
                ? Optional.of(new NamespaceQuery(server, at, by))
                : Optional.empty();
    }

    List<String> ask() {
        try {
            HttpsURLConnection connection =
                    (HttpsURLConnection) server.toURL().openConnection(Proxy.NO_PROXY);
            connection.setSSLSocketFactory(context().getSocketFactory());
            connection.setConnectTimeout(CONNECT_MS);
            connection.setReadTimeout(READ_MS);
            // A redirect might lead the token elsewhere.
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Accept", "application/json");
            token().ifPresent(
                            token ->
                                    connection.setRequestProperty(
                                            "Authorization", "Bearer " + token));
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                return List.of();
            }
            try (InputStream body = connection.getInputStream()) {
                return names(body.readNBytes(MOST_BYTES));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> names(byte[] json) {
        List<String> names = new ArrayList<>();
        try (JsonParser parser =
                JsonFactory.builder().build().createParser(ObjectReadContext.empty(), json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING
                        && "name".equals(parser.currentName())
                        && NAME.matcher(parser.streamReadContext().pathAsPointer().toString())
                                .matches()) {
                    names.add(parser.getString());
                }
            }
        }
        return names;
    }

    private Optional<String> token() throws IOException {
        if (!user.text("token").isEmpty()) {
            return Optional.of(user.text("token"));
        }
        Optional<Path> file = user.file("tokenFile");
        return file.isEmpty()
                ? Optional.empty()
                : Optional.of(Files.readString(file.get()).strip());
    }

    private SSLContext context() throws IOException, GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys(), trust(), null);
        return tls;
    }

    private TrustManager @Nullable [] trust() throws IOException, GeneralSecurityException {
        Optional<byte[]> authority = pem(cluster, "certificate-authority");
        if (authority.isEmpty()) {
            return null;
        }
        KeyStore store = emptyStore();
        for (Certificate certificate : certificates(authority.get())) {
            store.setCertificateEntry("authority-" + store.size(), certificate);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private KeyManager @Nullable [] keys() throws IOException, GeneralSecurityException {
        Optional<byte[]> chain = pem(user, "client-certificate");
        Optional<byte[]> key = pem(user, "client-key");
        if (chain.isEmpty() || key.isEmpty()) {
            return null;
        }
        PrivateKey parsed = PemKey.parse(new String(key.get(), StandardCharsets.US_ASCII));
        KeyStore store = emptyStore();
        char[] none = new char[0];
        store.setKeyEntry(
                "client", parsed, none, certificates(chain.get()).toArray(new Certificate[0]));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, none);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<? extends Certificate> certificates(byte[] pem)
            throws GeneralSecurityException {
        return List.copyOf(
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(pem)));
    }

    /** What is in the kubeconfig itself goes before what it names, as with kubectl. */
    private static Optional<byte[]> pem(Kubeconfig.Entry entry, String key) throws IOException {
        String data = entry.text(key + "-data");
        if (!data.isEmpty()) {
            return Optional.of(Base64.getMimeDecoder().decode(data));
        }
        Optional<Path> file = entry.file(key);
        return file.isEmpty() ? Optional.empty() : Optional.of(Files.readAllBytes(file.get()));
    }
}
