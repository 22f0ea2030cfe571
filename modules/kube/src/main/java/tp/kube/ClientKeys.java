package tp.kube;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which algorithm a client key is of. The client tells by the header of the PEM, which says nothing
 * where the key is in PKCS #8 (RFC 7468 §10), and then takes every key for RSA.
 */
final class ClientKeys {

    private static final Pattern PKCS8 =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private static final long MOST_BYTES = 256 << 10;

    private ClientKeys() {}

    static void nameAlgorithm(Config config) {
        Matcher key = PKCS8.matcher(pem(config));
        if (key.find()) {
            config.setClientKeyAlgo(isElliptic(key.group(1)) ? "EC" : "RSA");
        }
    }

    private static String pem(Config config) {
        String data = config.getClientKeyData();
        String file = config.getClientKeyFile();
        try {
            if (data != null) {
                return new String(
                        Base64.getDecoder().decode(data.strip()), StandardCharsets.US_ASCII);
            }
            if (file != null && Files.size(Path.of(file)) <= MOST_BYTES) {
                return new String(Files.readAllBytes(Path.of(file)), StandardCharsets.US_ASCII);
            }
        } catch (IOException | IllegalArgumentException e) {
            // The client reads it again, and its failure is told.
        }
        return "";
    }

    private static boolean isElliptic(String body) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(body);
            KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            return true;
        } catch (NoSuchAlgorithmException | InvalidKeySpecException | IllegalArgumentException e) {
            return false;
        }
    }
}
