package tp.manager;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import tp.incluster.Identity;
import tp.incluster.TokenClaims;
import tp.incluster.TokenVerdict;

/**
 * Decides who is let in. What can be seen at once comes first: a token that cannot be good, or one
 * question too many, never costs the API server anything.
 */
final class Admissions {

    /** The verdict on a token. */
    sealed interface Verdict {
        record Good(Identity identity, Instant expiry) implements Verdict {}

        record Bad(String reason) implements Verdict {}
    }

    private static final System.Logger LOG = System.getLogger(Admissions.class.getName());

    static final int MAX_TOKEN_CHARS = 8192;

    private final String audience;
    private final Reviews reviews;
    private final PeerLimit limit;
    private final InstantSource clock;
    private final Permissions permissions;

    Admissions(String audience, Reviews reviews, PeerLimit limit, InstantSource clock) {
        this.audience = audience;
        this.reviews = reviews;
        this.limit = limit;
        this.clock = clock;
        permissions = new Permissions(reviews, clock);
    }

    Verdict token(String token, SocketAddress peer) {
        if (token.isEmpty()) {
            return new Verdict.Bad("no token");
        }
        if (token.length() > MAX_TOKEN_CHARS) {
            return new Verdict.Bad("the token is longer than " + MAX_TOKEN_CHARS + " characters");
        }
        Optional<TokenClaims> claims = TokenClaims.read(token);
        if (claims.isEmpty()) {
            return new Verdict.Bad("the token is none of a service account");
        }
        if (!claims.get().audiences().contains(audience)) {
            return new Verdict.Bad("the token is not for the audience " + audience);
        }
        if (!claims.get().expiry().isAfter(clock.instant())) {
            return new Verdict.Bad("the token has expired");
        }
        if (peer instanceof InetSocketAddress inet && !limit.admits(inet.getAddress())) {
            return new Verdict.Bad("too many sessions are asked for; try again in a few seconds");
        }
        return reviewed(token, claims.get().expiry());
    }

    private Verdict reviewed(String token, Instant expiry) {
        try {
            return switch (reviews.token(token, audience)) {
                case TokenVerdict.Accepted accepted ->
                        new Verdict.Good(accepted.identity(), expiry);
                case TokenVerdict.Rejected rejected -> new Verdict.Bad(rejected.reason());
            };
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "token review: {0}", e.getMessage());
            return new Verdict.Bad("the manager could not ask the API server; try again");
        }
    }

    /**
     * {@return those of the namespaces that he may connect to}
     *
     * @throws IOException where the API server did not answer for one of them, or not in time
     */
    Set<String> allowed(Identity who, Collection<String> namespaces) throws IOException {
        return permissions.allowed(who, namespaces);
    }
}
