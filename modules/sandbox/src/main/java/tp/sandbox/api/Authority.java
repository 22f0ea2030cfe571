package tp.sandbox.api;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/** The cluster's certificate authority. Made anew for each cluster, never leaves the process. */
final class Authority {

    private static final Duration LIFE = Duration.ofDays(365);
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));

    /** TLS client authentication (RFC 5280 §4.2.1.12). */
    private static final String CLIENT_USE = "1.3.6.1.5.5.7.3.2";

    private static final X500Principal AUTHORITY = commonName("sandbox-ca");

    private final Clock clock;
    private final KeyPair key;
    private final X509Certificate certificate;

    /** A certificate and its key. */
    record Identity(X509Certificate certificate, PrivateKey key) {}

    private record Subject(X500Principal name, KeyPair key, List<byte[]> extensions) {}

    Authority(Clock clock) {
        this.clock = clock;
        this.key = newKey();
        this.certificate =
                sign(
                        new Subject(
                                AUTHORITY,
                                key,
                                List.of(
                                        extension("2.5.29.19", true, Der.sequence(Der.bool(true))),
                                        // keyCertSign and cRLSign (RFC 5280 §4.2.1.3)
                                        extension(
                                                "2.5.29.15",
                                                true,
                                                Der.bitString(new byte[] {0x06}, 1)))));
    }

    /**
     * {@return an identity for a server}
     *
     * @param names DNS names and addresses it is called by
     */
    Identity server(List<String> names) {
        KeyPair server = newKey();
        List<byte[]> alternatives = new ArrayList<>();
        for (String name : names) {
            alternatives.add(alternative(name));
        }
        byte[] extendedUse = Der.sequence(Der.oid("1.3.6.1.5.5.7.3.1"));
        List<byte[]> extensions =
                List.of(
                        extension("2.5.29.19", true, Der.sequence()),
                        extension("2.5.29.15", true, Der.bitString(new byte[] {(byte) 0x80}, 7)),
                        extension("2.5.29.37", false, extendedUse),
                        extension(
                                "2.5.29.17",
                                false,
                                Der.sequence(alternatives.toArray(byte[][]::new))));
        return new Identity(
                sign(new Subject(commonName("kube-apiserver"), server, extensions)),
                server.getPrivate());
    }

    /** {@return an identity for a client: its name, and its groups as organizations} */
    Identity client(String name, List<String> groups) {
        List<byte[]> parts = new ArrayList<>();
        for (String group : groups) {
            parts.add(Der.set(Der.sequence(Der.oid("2.5.4.10"), Der.utf8(group))));
        }
        parts.add(Der.set(Der.sequence(Der.oid("2.5.4.3"), Der.utf8(name))));
        X500Principal subject = new X500Principal(Der.sequence(parts.toArray(byte[][]::new)));
        KeyPair client = newKey();
        List<byte[]> extensions =
                List.of(
                        extension("2.5.29.19", true, Der.sequence()),
                        extension("2.5.29.15", true, Der.bitString(new byte[] {(byte) 0x80}, 7)),
                        extension("2.5.29.37", false, Der.sequence(Der.oid(CLIENT_USE))));
        return new Identity(sign(new Subject(subject, client, extensions)), client.getPrivate());
    }

    /** {@return whom a client's certificate names, if this authority has signed it} */
    Optional<User> user(X509Certificate shown) {
        try {
            shown.verify(key.getPublic());
            shown.checkValidity(Date.from(clock.instant()));
            List<String> uses = shown.getExtendedKeyUsage();
            if (uses == null || !uses.contains(CLIENT_USE)) {
                return Optional.empty();
            }
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
        String name = "";
        List<String> groups = new ArrayList<>();
        String subject = shown.getSubjectX500Principal().getName(X500Principal.RFC2253);
        for (String part : subject.split("(?<!\\\\)[,+]", -1)) {
            String value = part.substring(part.indexOf('=') + 1).replaceAll("\\\\(.)", "$1");
            if (part.startsWith("CN=")) {
                name = value;
            } else if (part.startsWith("O=")) {
                groups.add(value);
            }
        }
        return name.isEmpty() ? Optional.empty() : Optional.of(User.certified(name, groups));
    }

    X509Certificate certificate() {
        return certificate;
    }

    private static byte[] alternative(String name) {
        boolean isAddress = name.contains(":") || name.matches("[0-9.]+");
        return isAddress
                ? Der.tagged(0x87, InetAddress.ofLiteral(name).getAddress())
                : Der.tagged(0x82, name.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] extension(String oid, boolean critical, byte[] value) {
        return critical
                ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octetString(value))
                : Der.sequence(Der.oid(oid), Der.octetString(value));
    }

    private static X500Principal commonName(String name) {
        return new X500Principal("CN=" + name);
    }

    private X509Certificate sign(Subject subject) {
        Instant now = clock.instant();
        byte[] body =
                Der.sequence(
                        Der.tagged(0xa0, Der.integer(BigInteger.TWO)),
                        Der.integer(new BigInteger(64, new SecureRandom()).setBit(0)),
                        ECDSA_WITH_SHA256,
                        AUTHORITY.getEncoded(),
                        Der.sequence(
                                Der.time(now.minus(Duration.ofHours(1))), Der.time(now.plus(LIFE))),
                        subject.name().getEncoded(),
                        subject.key().getPublic().getEncoded(),
                        Der.tagged(
                                0xa3, Der.sequence(subject.extensions().toArray(byte[][]::new))));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key.getPrivate());
            signature.update(body);
            byte[] whole =
                    Der.sequence(body, ECDSA_WITH_SHA256, Der.bitString(signature.sign(), 0));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK signs no certificates", e);
        }
    }

    /** {@return the authority's own certificate, for clients to trust} */
    String pem() {
        return pem(certificate);
    }

    static String pem(X509Certificate certificate) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(certificate.getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(PrivateKey key) {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no P-256", e);
        }
    }
}
