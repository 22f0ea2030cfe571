package tp.sandbox.node;

import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.api.ApiServer;

/** Credentials that the sandbox's own API server issues. */
final class ApiCredentials implements Credentials {

    private final ApiServer api;

    ApiCredentials(ApiServer api) {
        this.api = api;
    }

    @Override
    public String token(ObjectNode pod, List<String> audiences, Duration life) {
        return "";
    }

    @Override
    public String certificateAuthority() {
        return api.caCertificatePem();
    }
}
