package tp.manager;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;

/** Signs tokens of service accounts as an API server does, with a key that it publishes. */
final class FakeIssuer {

    static final String URL = "https://issuer.example";

    private final KeyPair keys;

    FakeIssuer() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            keys = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return what is at {@code /openid/v1/jwks}} */
    String keys() {
        ECPublicKey key = (ECPublicKey) keys.getPublic();
        return "{\"keys\":[{\"kty\":\"EC\",\"use\":\"sig\",\"kid\":\"1\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}]}"
                .formatted(
                        encoded(padded(key.getW().getAffineX())),
                        encoded(padded(key.getW().getAffineY())));
    }

    String token(String account, String audience, Instant expiry) {
        String signed =
                encoded("{\"alg\":\"ES256\",\"kid\":\"1\"}")
                        + "."
                        + encoded(
                                "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":[\"%s\"],\"exp\":%d}"
                                        .formatted(
                                                URL, account, audience, expiry.getEpochSecond()));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(keys.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + encoded(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] padded(BigInteger number) {
        byte[] raw = number.toByteArray();
        byte[] padded = new byte[32];
        int length = Math.min(raw.length, padded.length);
        System.arraycopy(raw, raw.length - length, padded, padded.length - length, length);
        return padded;
    }

    private static String encoded(String text) {
        return encoded(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
