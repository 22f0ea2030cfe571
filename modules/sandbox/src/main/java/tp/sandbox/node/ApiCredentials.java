package tp.sandbox.node;

import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.api.ApiServer;

/** Credentials that the sandbox's own API server issues. */
record ApiCredentials(ApiServer api) implements Credentials {

    @Override
    public String token(ObjectNode pod, List<String> audiences, Duration life) {
        return api.issueToken(pod, audiences, life);
    }

    @Override
    public String certificateAuthority() {
        return api.caCertificatePem();
    }
}
