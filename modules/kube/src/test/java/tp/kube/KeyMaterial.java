package tp.kube;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** A key with a certificate of its own, made by the JDK's keytool. */
record KeyMaterial(Path keystore, KeyStore content) {

    static final String PASSWORD = "changeit";

    static KeyMaterial make(Path folder, String name, String subjectAlternative)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path file = folder.resolve(name + ".p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                name,
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "SAN=" + subjectAlternative,
                                "-ext",
                                "BC=ca:true",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                PASSWORD)
                        .inheritIO()
                        .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool failed");
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return new KeyMaterial(file, store);
    }

    /** Writes a store that trusts that certificate, as a runtime's cacerts. */
    static void trust(Path file, KeyMaterial material)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        String alias = material.content().aliases().nextElement();
        store.setCertificateEntry("trusted", material.content().getCertificate(alias));
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, null); // as cacerts: without a password
        }
    }

    /** {@return the certificate as a kubeconfig holds it: base64 of PEM} */
    String certificateData() throws GeneralSecurityException {
        String alias = content.aliases().nextElement();
        return data("CERTIFICATE", content.getCertificate(alias).getEncoded());
    }

    String keyData() throws GeneralSecurityException {
        String alias = content.aliases().nextElement();
        return data("PRIVATE KEY", content.getKey(alias, PASSWORD.toCharArray()).getEncoded());
    }

    private static String data(String kind, byte[] der) {
        String pem =
                "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                        .formatted(kind, Base64.getMimeEncoder().encodeToString(der), kind);
        return Base64.getEncoder()
                .encodeToString(pem.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
