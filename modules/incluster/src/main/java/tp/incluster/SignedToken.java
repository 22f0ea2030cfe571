package tp.incluster;

import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A token in the compact form of a signature (RFC 7515 §3.1), taken apart and not yet believed.
 *
 * @param signed what the signature is over, in ASCII
 * @param signature in base64url
 */
record SignedToken(JsonNode header, JsonNode claims, String signed, String signature) {

    /** {@return its parts, or nothing where it has another form} */
    static Optional<SignedToken> parse(String token) {
        String[] parts = token.split("\\.", 4);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            Base64.Decoder decoder = Base64.getUrlDecoder();
            return Optional.of(
                    new SignedToken(
                            HttpCalls.parse(decoder.decode(parts[0])),
                            HttpCalls.parse(decoder.decode(parts[1])),
                            parts[0] + "." + parts[1],
                            parts[2]));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
