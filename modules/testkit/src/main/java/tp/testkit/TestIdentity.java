package tp.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import tp.spi.transport.ServerPin;

/**
 * A manager's key and certificate, made for one test run by the JDK's keytool.
 *
 * @param key a P-256 key
 * @param certificate signed by itself
 */
public record TestIdentity(PrivateKey key, X509Certificate certificate) {

    private static final String PASSWORD = "testing";
    private static final String ALIAS = "test";

    public ServerPin pin() {
        return ServerPin.of(certificate.getPublicKey());
    }

    @Override
    public String toString() {
        return "TestIdentity[" + pin() + "]";
    }

    /** {@return a new one} Takes about a second. */
    public static TestIdentity create() {
        try {
            Path folder = Files.createTempDirectory("tp-key");
            Path store = folder.resolve("key.p12");
            try {
                keytool(store);
                return load(store);
            } finally {
                Files.deleteIfExists(store);
                Files.delete(folder);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("keytool made no key", e);
        }
    }

    private static void keytool(Path store) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=test",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream said = keytool.getInputStream()) {
            byte[] lines = said.readAllBytes();
            if (keytool.waitFor() != 0) {
                throw new IOException(
                        "keytool: " + new String(lines, java.nio.charset.StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            keytool.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static TestIdentity load(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return new TestIdentity(
                (PrivateKey) keys.getKey(ALIAS, PASSWORD.toCharArray()),
                (X509Certificate) keys.getCertificate(ALIAS));
    }
}
