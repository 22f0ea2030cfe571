package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;
import tp.spi.common.TpException;

/**
 * The API server of the sandbox. Every request is served by a virtual thread of its own: who makes
 * it, whether he may, then what it asks for.
 */
public final class ApiServer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("tp.sandbox");

    private final ObjectStore store;
    private final InstantSource told;
    private final Authority authority;
    private final Tokens tokens;
    private final Authenticator authenticator;
    private final Rbac rbac;
    private final Reviews reviews;
    private final ResourceApi resources;
    private final PodStreams pods;
    private final Proxy proxy;
    private final Audit audit = new Audit();
    private final Consumer<AuditEntry> listening;
    private final AutoCloseable namespaces;
    private final Listener listener;

    private ApiServer(ApiSettings settings) {
        Clock clock = Clock.systemUTC();
        this.store = settings.store();
        this.told = settings.told();
        this.listening = settings.audit();
        this.authority = new Authority(clock);
        this.tokens = new Tokens(store, clock);
        this.authenticator = new Authenticator(tokens, authority, settings.tokens());
        this.rbac = new Rbac(store);
        this.reviews = new Reviews(store, authenticator, tokens, rbac, clock);
        this.resources = new ResourceApi(store, clock, new Escalation(rbac));
        this.pods = new PodStreams(store, settings.pods());
        this.proxy = new Proxy(store, settings.pods());
        NamespaceContents.createRoles(store);
        this.namespaces = new NamespaceContents(store, authority.pem()).start();
        this.listener =
                Listener.start(
                        settings.addresses(),
                        authority.server(settings.names()),
                        authority.certificate(),
                        this::serve);
    }

    public static ApiServer start(ApiSettings settings) {
        return new ApiServer(settings);
    }

    /** {@return where it listens, in the order of the settings} */
    public List<InetSocketAddress> addresses() {
        return listener.addresses();
    }

    /** {@return the certificate that clients have to trust} */
    public String caCertificatePem() {
        return authority.pem();
    }

    /**
     * {@return the text of a kubeconfig}
     *
     * @param user {@code admin} may do everything; {@code developer} may edit in the namespace
     *     default, {@code viewer} may view everything but secrets, {@code forwarder} may forward
     *     ports in the namespace default and no more; any other name is somebody without rights
     *     until a binding gives him some
     * @param serverUrl where that user reaches this server
     */
    public String kubeconfig(String user, String serverUrl) {
        return kubeconfig(user, serverUrl, "token: " + authenticator.token(user));
    }

    /** {@return the same for a user who shows a certificate and has no token} */
    public String certificateKubeconfig(String user, String serverUrl) {
        Authority.Identity client = authority.client(user, User.groupsOf(user));
        return kubeconfig(
                user,
                serverUrl,
                "client-certificate-data: %s\n    client-key-data: %s"
                        .formatted(
                                base64(Authority.pem(client.certificate())),
                                base64(Authority.pem(client.key()))));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private String kubeconfig(String user, String serverUrl, String credential) {
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
                   %s
               contexts:
               - name: sandbox
                 context:
                   cluster: sandbox
                   user: %s
                   namespace: default
               current-context: sandbox
               """
                .formatted(serverUrl, base64(caCertificatePem()), user, credential, user);
    }

    /**
     * {@return a token for a pod's volume}
     *
     * @param pod its service account is the token's, and the token ends with it
     * @param audiences empty for this API server
     */
    public String issueToken(ObjectNode pod, List<String> audiences, Duration life) {
        String namespace = Meta.namespace(pod);
        String account = pod.at("/spec/serviceAccountName").asString("default");
        ObjectNode found =
                store.get(Resources.SERVICE_ACCOUNTS, namespace, account)
                        .orElseThrow(
                                () -> ApiException.notFound(Resources.SERVICE_ACCOUNTS, account));
        return tokens.issue(
                found, audiences, life, new Tokens.Binding("Pod", Meta.name(pod), Meta.uid(pod)));
    }

    /** {@return the last requests, the oldest first} */
    public List<AuditEntry> audit() {
        return audit.entries();
    }

    /**
     * Drops every connection and takes none before that time is over; all objects stay. Returns
     * when the connections are dropped.
     */
    public void restart(Duration away) {
        listener.stop();
        Thread.ofVirtual()
                .name("api-restart")
                .start(
                        () -> {
                            try {
                                Thread.sleep(away);
                                listener.open();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } catch (TpException e) {
                                LOG.log(System.Logger.Level.ERROR, e.line());
                            }
                        });
    }

    /** Answers nothing any more, as a process that was stopped; connections stand still. */
    public void freeze() {
        listener.freeze();
    }

    /** Goes on after {@link #freeze}, and at once after {@link #restart}. */
    public void goOn() {
        listener.open();
    }

    @Override
    public void close() {
        try {
            namespaces.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "a watch does not end", e);
        }
        listener.close();
    }

    private void serve(Exchange exchange) {
        exchange.date(told.instant());
        try {
            try {
                route(exchange);
            } catch (ApiException e) {
                exchange.reply(e.status().code(), e.status().toJson());
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, exchange.request().path(), e);
                String message = "Internal error occurred: " + e.getMessage();
                exchange.reply(
                        500, ApiException.plain(500, "InternalError", message).status().toJson());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a client is gone", e);
        }
    }

    private void route(Exchange exchange) throws IOException {
        Request request = exchange.request();
        String path = request.path();
        User user =
                impersonated(request, authenticator.user(request, exchange.clientCertificate()));
        exchange.user(user);
        Optional<Target> target = Target.parse(path);
        Access access = target.map(one -> Access.to(request, one)).orElseGet(() -> toPath(request));
        authorize(user, access);
        if (request.wantsWebSocket() && access.isIntoPod()) {
            // Since Kubernetes 1.35, as for the other way to ask, which is a POST.
            authorize(user, access.with("create"));
        }
        if (target.isPresent()) {
            serve(exchange, target.get(), user);
            return;
        }
        if (!request.method().equals("GET")) {
            throw ResourceApi.methodNotAllowed();
        }
        document(exchange, path);
    }

    /** What {@code kubectl --as} asks for. */
    private User impersonated(Request request, User user) {
        String name = request.header("Impersonate-User");
        if (name.isEmpty()) {
            return user;
        }
        List<String> groups = request.headers("Impersonate-Group");
        authorize(user, Access.impersonation("users", name));
        groups.forEach(group -> authorize(user, Access.impersonation("groups", group)));
        return User.impersonated(name, groups);
    }

    private static Access toPath(Request request) {
        return Access.toPath(request.method().toLowerCase(java.util.Locale.ROOT), request.path());
    }

    private void authorize(User user, Access access) {
        boolean isAllowed = rbac.allows(user, access).isPresent();
        AuditEntry entry =
                new AuditEntry(
                        user.name(),
                        access.verb(),
                        access.group(),
                        access.resource(),
                        access.namespace(),
                        access.name(),
                        access.path(),
                        isAllowed);
        audit.add(entry);
        listening.accept(entry);
        if (!isAllowed) {
            throw access.refused(user);
        }
    }

    private void document(Exchange exchange, String path) throws IOException {
        switch (path) {
            case "/healthz", "/livez", "/readyz" ->
                    exchange.reply(200, "text/plain", "ok".getBytes(UTF_8));
            case "/openid/v1/jwks" ->
                    exchange.reply(200, "application/jwk-set+json", Json.bytes(tokens.keySet()));
            case "/.well-known/openid-configuration" ->
                    exchange.reply(200, Tokens.configuration(Tokens.ISSUER + "/openid/v1/jwks"));
            default -> exchange.reply(200, Discovery.find(path).orElseThrow(ApiServer::notFound));
        }
    }

    private static ApiException notFound() {
        return ApiException.plain(
                404, "NotFound", "the server could not find the requested resource");
    }

    private void serve(Exchange exchange, Target target, User user) throws IOException {
        if (reviews.serve(exchange, target, user)) {
            return;
        }
        ResourceType type =
                Resources.find(target.group(), target.version(), target.resource())
                        .orElseThrow(ApiServer::notFound);
        String subresource = target.subresource();
        if (!subresource.isEmpty() && !type.subresources().contains(subresource)) {
            throw notFound();
        }
        switch (subresource) {
            case "scale" -> resources.scale(exchange, type, target);
            case "token" -> reviews.newToken(exchange, target);
            case "log" -> pods.log(exchange, target);
            case "portforward" -> pods.portForward(exchange, target);
            case "exec" -> pods.exec(exchange, target);
            case "attach" -> pods.attach(exchange, target);
            case "proxy" -> proxy.serve(exchange, type, target);
            case "binding" -> resources.bind(exchange, target);
            case "eviction" -> resources.evict(exchange, target);
            default -> resources.serve(exchange, type, target);
        }
    }
}
