package tp.tunnel;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.Base64;

/**
 * The one key that a manager may have.
 *
 * @param spkiSha256 SHA-256 of its SubjectPublicKeyInfo (RFC 5280 §4.1), in base64
 */
public record ServerPin(String spkiSha256) {

    public static ServerPin of(PublicKey key) {
        return new ServerPin(Base64.getEncoder().encodeToString(sha256(key.getEncoded())));
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
}
