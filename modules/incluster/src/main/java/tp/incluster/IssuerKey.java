package tp.incluster;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A key with which the API server signs tokens, as it publishes it (RFC 7517). The algorithm is the
 * key's, never what a token says: of those that Kubernetes signs with, RS256, ES256, ES384 and
 * ES512 (RFC 7518 §3.1).
 *
 * @param id empty where it has none
 * @param algorithm as the header of a token names it
 * @param java as {@link Signature} names it
 */
record IssuerKey(String id, String algorithm, String java, PublicKey key) {

    private static final int MIN_RSA_BITS = 2048;

    /** {@return the key, or nothing where it is none that signs tokens here} */
    static Optional<IssuerKey> parse(JsonNode jwk) {
        String use = ResourceKind.text(jwk.path("use"));
        if (!use.isEmpty() && !use.equals("sig")) {
            return Optional.empty();
        }
        try {
            return switch (ResourceKind.text(jwk.path("kty"))) {
                case "RSA" -> rsa(jwk);
                case "EC" -> elliptic(jwk);
                default -> Optional.empty();
            };
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<IssuerKey> rsa(JsonNode jwk) throws GeneralSecurityException {
        PublicKey key =
                KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
        return ((RSAPublicKey) key).getModulus().bitLength() < MIN_RSA_BITS
                ? Optional.empty()
                : Optional.of(new IssuerKey(id(jwk), "RS256", "SHA256withRSA", key));
    }

    private static Optional<IssuerKey> elliptic(JsonNode jwk) throws GeneralSecurityException {
        return switch (ResourceKind.text(jwk.path("crv"))) {
            case "P-256" -> elliptic(jwk, "secp256r1", "256");
            case "P-384" -> elliptic(jwk, "secp384r1", "384");
            case "P-521" -> elliptic(jwk, "secp521r1", "512");
            default -> Optional.empty();
        };
    }

    private static Optional<IssuerKey> elliptic(JsonNode jwk, String curve, String hashBits)
            throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve));
        ECParameterSpec field = parameters.getParameterSpec(ECParameterSpec.class);
        ECPoint point = new ECPoint(number(jwk, "x"), number(jwk, "y"));
        if (!fits(point, field)) {
            return Optional.empty();
        }
        PublicKey key =
                KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, field));
        return Optional.of(
                new IssuerKey(
                        id(jwk),
                        "ES" + hashBits,
                        "SHA" + hashBits + "withECDSAinP1363Format",
                        key));
    }

    /** The JDK takes what does not for a bug of its own, and not for a key that is none. */
    private static boolean fits(ECPoint point, ECParameterSpec parameters) {
        int bits = parameters.getCurve().getField().getFieldSize();
        return point.getAffineX().bitLength() <= bits && point.getAffineY().bitLength() <= bits;
    }

    private static String id(JsonNode jwk) {
        return ResourceKind.text(jwk.path("kid"));
    }

    private static BigInteger number(JsonNode jwk, String field) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(ResourceKind.text(jwk.path(field))));
    }

    boolean hasSigned(SignedToken token) {
        if (!algorithm.equals(ResourceKind.text(token.header().path("alg")))) {
            return false;
        }
        try {
            Signature verification = Signature.getInstance(java);
            verification.initVerify(key);
            verification.update(token.signed().getBytes(StandardCharsets.US_ASCII));
            return verification.verify(Base64.getUrlDecoder().decode(token.signature()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // a signature of another length, for instance, or none
        }
    }
}
