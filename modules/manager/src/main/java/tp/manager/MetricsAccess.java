package tp.manager;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.InstantSource;
import java.util.Optional;
import tp.incluster.ClusterApi;
import tp.incluster.Identity;
import tp.incluster.TokenClaims;
import tp.incluster.TokenIssuer;
import tp.incluster.TokenVerdict;
import tp.metrics.MetricsGuard;

/**
 * Shows the manager's numbers to service accounts that may see those of Kubernetes itself. A token
 * that cannot be good, or one question too many, never costs the API server anything.
 */
final class MetricsAccess implements MetricsGuard {

    private static final System.Logger LOG = System.getLogger(MetricsAccess.class.getName());

    /** Who decides. */
    interface Reviewer {

        TokenVerdict token(String token) throws IOException;

        boolean maySee(Identity who) throws IOException;
    }

    private final Reviewer reviewer;
    private final PeerLimit limit;
    private final InstantSource clock;

    MetricsAccess(Reviewer reviewer, PeerLimit limit, InstantSource clock) {
        this.reviewer = reviewer;
        this.limit = limit;
        this.clock = clock;
    }

    static MetricsAccess of(ClusterApi api, Coverage coverage, InstantSource clock) {
        Reviewer reviewer =
                switch (coverage) {
                    case Coverage.WholeCluster ignored -> everywhere(api);
                    case Coverage.Namespaces ignored -> within(api, api.tokenIssuer(clock));
                };
        return new MetricsAccess(
                reviewer, new PeerLimit(System::nanoTime, PeerLimit.OTHERS), clock);
    }

    private static Reviewer everywhere(ClusterApi api) {
        return new Reviewer() {
            @Override
            public TokenVerdict token(String token) throws IOException {
                return api.reviewToken(token);
            }

            @Override
            public boolean maySee(Identity who) throws IOException {
                return api.mayGetMetrics(who);
            }
        };
    }

    /** With no right at the cluster's scope. */
    private static Reviewer within(ClusterApi api, TokenIssuer issuer) {
        return new Reviewer() {
            @Override
            public TokenVerdict token(String token) throws IOException {
                return issuer.verify(token);
            }

            @Override
            public boolean maySee(Identity who) throws IOException {
                return api.mayProxyToServices(who);
            }
        };
    }

    @Override
    public Verdict ask(SocketAddress peer, String token) {
        if (token.isEmpty() || token.length() > Admissions.MAX_TOKEN_CHARS) {
            return Verdict.UNKNOWN;
        }
        Optional<TokenClaims> claims = TokenClaims.read(token);
        if (claims.isEmpty() || !claims.get().expiry().isAfter(clock.instant())) {
            return Verdict.UNKNOWN;
        }
        if (peer instanceof InetSocketAddress inet && !limit.admits(inet.getAddress())) {
            return Verdict.UNDECIDED;
        }
        try {
            return switch (reviewer.token(token)) {
                case TokenVerdict.Rejected ignored -> Verdict.UNKNOWN;
                case TokenVerdict.Accepted accepted ->
                        reviewer.maySee(accepted.identity()) ? Verdict.ALLOWED : Verdict.FORBIDDEN;
            };
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "metrics: {0}", e.getMessage());
            return Verdict.UNDECIDED;
        }
    }
}
