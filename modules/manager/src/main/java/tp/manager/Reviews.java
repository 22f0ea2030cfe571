package tp.manager;

import java.io.IOException;
import java.time.InstantSource;
import tp.incluster.ClusterApi;
import tp.incluster.Identity;
import tp.incluster.TokenIssuer;
import tp.incluster.TokenVerdict;

/** Who decides on people: the API server, or its keys and what it says in each namespace. */
interface Reviews {

    TokenVerdict token(String token, String audience) throws IOException;

    /** Stands for all namespaces at once. */
    String EVERYWHERE = "";

    /** {@return whether he may connect to the namespace, or {@link #EVERYWHERE}} */
    boolean mayConnect(Identity who, String namespace) throws IOException;

    static Reviews of(ClusterApi api) {
        return new Reviews() {
            @Override
            public TokenVerdict token(String token, String audience) throws IOException {
                return api.reviewToken(token, audience);
            }

            @Override
            public boolean mayConnect(Identity who, String namespace) throws IOException {
                return api.mayConnect(who, namespace);
            }
        };
    }

    /** With no right at the cluster's scope. */
    static Reviews of(ClusterApi api, Coverage.Namespaces covered, InstantSource clock) {
        TokenIssuer issuer = api.tokenIssuer(clock);
        return new Reviews() {
            @Override
            public TokenVerdict token(String token, String audience) throws IOException {
                return issuer.verify(token, audience);
            }

            @Override
            public boolean mayConnect(Identity who, String namespace) throws IOException {
                return covered.names().contains(namespace) && api.mayForwardPorts(who, namespace);
            }
        };
    }
}
