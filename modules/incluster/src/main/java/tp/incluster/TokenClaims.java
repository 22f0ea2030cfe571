package tp.incluster;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What a token says of itself (RFC 7519). Nothing of it is proven: it only saves the API server the
 * question about a token that cannot be good.
 */
public record TokenClaims(List<String> audiences, Instant expiry) {

    public TokenClaims {
        audiences = List.copyOf(audiences);
    }

    /** {@return the claims of a signed token in compact form, or nothing where it is none} */
    public static Optional<TokenClaims> read(String token) {
        String[] parts = token.split("\\.", 4);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            JsonNode claims = HttpCalls.parse(Base64.getUrlDecoder().decode(parts[1]));
            JsonNode expiry = claims.path("exp");
            if (!expiry.isNumber()) {
                return Optional.empty();
            }
            return Optional.of(
                    new TokenClaims(
                            audiences(claims.path("aud")),
                            Instant.ofEpochSecond(
                                    Math.clamp(expiry.asLong(0), 0, 253_402_300_799L))));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static List<String> audiences(JsonNode aud) {
        if (aud.isString()) {
            return List.of(aud.stringValue());
        }
        List<String> all = new ArrayList<>();
        if (aud.isArray()) {
            aud.values().forEach(one -> all.add(ResourceKind.text(one)));
        }
        return all;
    }
}
