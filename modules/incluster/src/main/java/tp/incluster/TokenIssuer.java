package tp.incluster;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Verifies tokens of service accounts by the keys that the API server publishes ({@code
 * /.well-known/openid-configuration} and {@code /openid/v1/jwks}, KEP-1393), for a manager that may
 * not ask for a TokenReview. Each service account may read these, by the ClusterRole {@code
 * system:service-account-issuer-discovery} that every cluster has. A token that was revoked, or
 * whose account was deleted, counts until it expires: no published key tells of that.
 *
 * <p>Any thread; calls wait for the API server where the keys are not fresh.
 */
public final class TokenIssuer {

    /** A key that was taken away counts for that much longer. */
    private static final Duration FRESH = Duration.ofMinutes(5);

    /** An unknown key is looked for again, and not for each stranger. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

    /** Clocks differ. */
    private static final Duration LEEWAY = Duration.ofSeconds(10);

    private static final int MAX_KEYS = 64;

    /** As the API server writes it, with the names that Kubernetes allows. */
    private static final Pattern SUBJECT =
            Pattern.compile("system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})");

    private record Published(String issuer, List<IssuerKey> keys, Instant read) {}

    private final HttpCalls calls;
    private final InstantSource clock;

    /** Guarded by this. */
    private Published published = new Published("", List.of(), Instant.MIN);

    TokenIssuer(HttpCalls calls, InstantSource clock) {
        this.calls = calls;
        this.clock = clock;
    }

    /**
     * {@return whose token that is}
     *
     * @param audience must be among those of the token
     * @throws IOException where the keys could not be read
     */
    public TokenVerdict verify(String token, String audience) throws IOException {
        Optional<SignedToken> parsed = SignedToken.parse(token);
        if (parsed.isEmpty()) {
            return new TokenVerdict.Rejected("the token is none of a service account");
        }
        SignedToken signed = parsed.get();
        // RFC 7515 §4.1.11: what must be understood is not understood here.
        if (signed.header().has("crit")) {
            return new TokenVerdict.Rejected("the token has a header that is not known");
        }
        Published current = published(keyId(signed));
        if (current.keys().stream()
                .filter(key -> key.id().equals(keyId(signed)))
                .noneMatch(key -> key.hasSigned(signed))) {
            return new TokenVerdict.Rejected(
                    "invalid bearer token: no key of the API server has signed it");
        }
        return claimed(signed.claims(), current.issuer(), audience);
    }

    /**
     * {@return whose token that is, of those that are for the API server itself}
     *
     * @throws IOException where the keys could not be read
     */
    public TokenVerdict verify(String token) throws IOException {
        Optional<SignedToken> parsed = SignedToken.parse(token);
        // Where nobody says otherwise the API server's audience is the issuer's name.
        return parsed.isEmpty()
                ? new TokenVerdict.Rejected("the token is none of a service account")
                : verify(token, published(keyId(parsed.get())).issuer());
    }

    private static String keyId(SignedToken token) {
        return ResourceKind.text(token.header().path("kid"));
    }

    /** Believes the claims: they are signed. */
    private TokenVerdict claimed(JsonNode claims, String issuer, String audience) {
        Optional<TokenClaims> told = TokenClaims.of(claims);
        Matcher subject = SUBJECT.matcher(ResourceKind.text(claims.path("sub")));
        Instant now = clock.instant();
        if (told.isEmpty() || !subject.matches()) {
            return new TokenVerdict.Rejected("the token is none of a service account");
        } else if (!ResourceKind.text(claims.path("iss")).equals(issuer)) {
            return new TokenVerdict.Rejected("the token is of another issuer");
        } else if (!told.get().audiences().contains(audience)) {
            return new TokenVerdict.Rejected("the token is not for the audience " + audience);
        } else if (!told.get().expiry().isAfter(now)) {
            return new TokenVerdict.Rejected("the token has expired");
        } else if (TokenClaims.instant(claims.path("nbf")).isAfter(now.plus(LEEWAY))) {
            return new TokenVerdict.Rejected("the token is not valid yet");
        }
        return new TokenVerdict.Accepted(identity(claims, subject));
    }

    /** As the API server names the bearer (its package serviceaccount, UserInfo). */
    private static Identity identity(JsonNode claims, Matcher subject) {
        return new Identity(
                subject.group(),
                ResourceKind.text(claims.path("kubernetes.io").path("serviceaccount").path("uid")),
                List.of(
                        "system:serviceaccounts",
                        "system:serviceaccounts:" + subject.group(1),
                        "system:authenticated"),
                Map.of());
    }

    private synchronized Published published(String keyId) throws IOException {
        Instant now = clock.instant();
        boolean known = published.keys().stream().anyMatch(key -> key.id().equals(keyId));
        Duration kept = known ? FRESH : BETWEEN_LOOKS;
        if (published.read().equals(Instant.MIN) || now.isAfter(published.read().plus(kept))) {
            published = read(now);
        }
        return published;
    }

    private Published read(Instant now) throws IOException {
        String issuer =
                ResourceKind.text(calls.read("/.well-known/openid-configuration").path("issuer"));
        if (issuer.isEmpty()) {
            throw new IOException("the API server names no issuer of its tokens");
        }
        List<IssuerKey> keys =
                calls.read("/openid/v1/jwks")
                        .path("keys")
                        .valueStream()
                        .limit(MAX_KEYS)
                        .map(IssuerKey::parse)
                        .flatMap(Optional::stream)
                        .toList();
        return new Published(issuer, keys, now);
    }
}
