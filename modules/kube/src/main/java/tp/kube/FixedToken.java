package tp.kube;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import org.jspecify.annotations.Nullable;

/** The token that stands in the kubeconfig, or none. Secret. */
final class FixedToken implements OAuthTokenProvider {

    private final @Nullable String token;

    FixedToken(@Nullable String token) {
        this.token = token;
    }

    @Override
    public @Nullable String getToken() {
        return token;
    }
}
