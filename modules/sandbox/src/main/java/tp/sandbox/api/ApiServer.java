package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** The API server of the sandbox. Every request is served by a virtual thread of its own. */
public final class ApiServer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("tp.sandbox");

    private final Authority authority;
    private final Authenticator authenticator;
    private final ResourceApi resources;
    private final Listener listener;

    private ApiServer(ApiSettings settings) {
        this.authority = new Authority(Clock.systemUTC());
        this.authenticator = new Authenticator();
        this.resources = new ResourceApi(settings.store());
        this.listener =
                Listener.start(
                        settings.addresses(), authority.server(settings.names()), this::serve);
    }

    public static ApiServer start(ApiSettings settings) {
        return new ApiServer(settings);
    }

    /** {@return where it listens, in the order of the settings} */
    public List<InetSocketAddress> addresses() {
        return listener.addresses();
    }

    public String caCertificatePem() {
        return authority.pem();
    }

    /**
     * {@return the text of a kubeconfig}
     *
     * @param user {@code admin} or another of the sandbox's users
     * @param serverUrl where that user reaches this server
     */
    public String kubeconfig(String user, String serverUrl) {
        String ca = Base64.getEncoder().encodeToString(caCertificatePem().getBytes(UTF_8));
        return """
               apiVersion: v1
               kind: Config
               clusters:
               - name: sandbox
                 cluster:
                   server: %s
                   certificate-authority-data: %s
               users:
               - name: %s
                 user:
                   token: %s
               contexts:
               - name: sandbox
                 context:
                   cluster: sandbox
                   user: %s
                   namespace: default
               current-context: sandbox
               """
                .formatted(serverUrl, ca, user, authenticator.token(user), user);
    }

    @Override
    public void close() {
        listener.close();
    }

    private void serve(Exchange exchange) {
        try {
            try {
                route(exchange);
            } catch (ApiException e) {
                exchange.reply(e.status().code(), e.status().toJson());
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, exchange.request().path(), e);
                exchange.reply(
                        500,
                        ApiException.plain(
                                        500,
                                        "InternalError",
                                        "Internal error occurred: " + e.getMessage())
                                .status()
                                .toJson());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a client is gone", e);
        }
    }

    private void route(Exchange exchange) throws IOException {
        Request request = exchange.request();
        String path = request.path();
        authenticator.user(request);
        Optional<Target> target = Target.parse(path);
        if (target.isPresent()) {
            serve(exchange, target.get());
            return;
        }
        Optional<ObjectNode> document = Discovery.find(path);
        if (document.isPresent()) {
            exchange.reply(200, document.get());
        } else {
            throw notFound();
        }
    }

    private static ApiException notFound() {
        return ApiException.plain(
                404, "NotFound", "the server could not find the requested resource");
    }

    private void serve(Exchange exchange, Target target) throws IOException {
        ResourceType type =
                Resources.find(target.group(), target.version(), target.resource())
                        .orElseThrow(ApiServer::notFound);
        resources.serve(exchange, type, target);
    }
}
