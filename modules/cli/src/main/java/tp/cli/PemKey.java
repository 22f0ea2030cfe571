package tp.cli;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The private key of a client, in one of the three forms that kubeconfigs hold: PKCS #8 (RFC 5958),
 * PKCS #1 (RFC 8017 A.1.2) and SEC 1 (RFC 5915). Java reads the first, so that the others are
 * wrapped in it.
 */
final class PemKey {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (RSA |EC |)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;

    /** INTEGER 0: the version of PKCS #8. */
    private static final byte[] VERSION = HexFormat.of().parseHex("020100");

    /** AlgorithmIdentifier rsaEncryption with NULL. */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    /** OBJECT IDENTIFIER id-ecPublicKey. */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    /** OBJECT IDENTIFIERs of the curves P-256, P-384 and P-521 (RFC 5480 §2.1.1.1). */
    private static final List<byte[]> CURVES =
            List.of(
                    HexFormat.of().parseHex("06082a8648ce3d030107"),
                    HexFormat.of().parseHex("06052b81040022"),
                    HexFormat.of().parseHex("06052b81040023"));

    private PemKey() {}

    static PrivateKey parse(String text) throws GeneralSecurityException {
        Matcher pem = PEM.matcher(text);
        if (!pem.find()) {
            throw new InvalidKeySpecException("no private key in PEM");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
        return switch (pem.group(1)) {
            case "RSA " -> key("RSA", wrapped(RSA, der));
            case "EC " -> key("EC", wrapped(tagged(SEQUENCE, EC, curve(der)), der));
            default -> either(der);
        };
    }

    private static PrivateKey either(byte[] der) throws GeneralSecurityException {
        try {
            return key("EC", der);
        } catch (InvalidKeySpecException e) {
            return key("RSA", der);
        }
    }

    private static PrivateKey key(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /** The key names its curve in its parameters, and nothing else in it looks like that. */
    private static byte[] curve(byte[] der) throws InvalidKeySpecException {
        for (byte[] curve : CURVES) {
            for (int at = 0; at + curve.length <= der.length; at++) {
                if (Arrays.equals(der, at, at + curve.length, curve, 0, curve.length)) {
                    return curve;
                }
            }
        }
        throw new InvalidKeySpecException("a curve that is not known");
    }

    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return tagged(SEQUENCE, VERSION, algorithm, tagged(OCTET_STRING, key));
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            body.writeBytes(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        // X.690 §8.1.3: one byte below 128, else the number of bytes that follow.
        if (body.size() >= 0x80) {
            whole.write(0x82);
            whole.write(body.size() >> 8);
        }
        whole.write(body.size());
        whole.writeBytes(body.toByteArray());
        return whole.toByteArray();
    }
}
