package tp.incluster;

import java.time.Instant;
import java.util.ArrayList;
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
        return SignedToken.parse(token).map(SignedToken::claims).flatMap(TokenClaims::of);
    }

    static Optional<TokenClaims> of(JsonNode claims) {
        JsonNode expiry = claims.path("exp");
        if (!expiry.isNumber()) {
            return Optional.empty();
        }
        return Optional.of(new TokenClaims(audiences(claims.path("aud")), instant(expiry)));
    }

    /** {@return a NumericDate (RFC 7519 §2), within the years that have four digits} */
    static Instant instant(JsonNode seconds) {
        return Instant.ofEpochSecond(Math.clamp(seconds.asLong(0), 0, 253_402_300_799L));
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
