package tp.incluster;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.spi.common.Cidr;

/** The API server, as the manager uses it. Any thread. */
public final class ClusterApi implements AutoCloseable {

    private final HttpCalls calls;
    private final String namespace;
    private final Duration firstBackOff;

    public ClusterApi(PodEnvironment pod) {
        this(pod, Duration.ofSeconds(10), Duration.ofMillis(500));
    }

    ClusterApi(PodEnvironment pod, Duration bound, Duration firstBackOff) {
        this.calls = new HttpCalls(pod, bound);
        this.namespace = pod.namespace();
        this.firstBackOff = firstBackOff;
    }

    /**
     * Asks whose token that is (TokenReview).
     *
     * @param audience must be among those of the token
     */
    public TokenVerdict reviewToken(String token, String audience) throws IOException {
        JsonNode status = review(token, List.of(audience));
        // An authenticator that knows no audiences leaves them out, and accepts any.
        if (isAuthenticated(status) && !texts(status.path("audiences")).contains(audience)) {
            return new TokenVerdict.Rejected("the token is not for the audience " + audience);
        }
        return verdict(status);
    }

    /** Asks whose token that is, of those that are for the API server itself (TokenReview). */
    public TokenVerdict reviewToken(String token) throws IOException {
        return verdict(review(token, List.of()));
    }

    private JsonNode review(String token, List<String> audiences) throws IOException {
        ObjectNode review = object("authentication.k8s.io/v1", "TokenReview");
        ObjectNode spec = review.putObject("spec");
        spec.put("token", token);
        if (!audiences.isEmpty()) {
            audiences.forEach(spec.putArray("audiences")::add);
        }
        return calls.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)
                .path("status");
    }

    private static boolean isAuthenticated(JsonNode status) {
        return status.path("authenticated").asBoolean(false);
    }

    private static TokenVerdict verdict(JsonNode status) {
        if (!isAuthenticated(status)) {
            String error = text(status.path("error"));
            return new TokenVerdict.Rejected(
                    error.isEmpty() ? "the API server does not accept the token" : error);
        }
        JsonNode user = status.path("user");
        Map<String, List<String>> extra = new LinkedHashMap<>();
        user.path("extra").properties().forEach(e -> extra.put(e.getKey(), texts(e.getValue())));
        return new TokenVerdict.Accepted(
                new Identity(
                        text(user.path("username")),
                        text(user.path("uid")),
                        texts(user.path("groups")),
                        extra));
    }

    /** {@return what verifies tokens without a review, by the API server's published keys} */
    public TokenIssuer tokenIssuer(InstantSource clock) {
        return new TokenIssuer(calls, clock);
    }

    /**
     * {@return whether he may connect to the namespace (SubjectAccessReview)}
     *
     * @param toNamespace empty for all namespaces at once
     */
    public boolean mayConnect(Identity who, String toNamespace) throws IOException {
        ObjectNode review = review("SubjectAccessReview", who);
        ((ObjectNode) review.path("spec"))
                .putObject("resourceAttributes")
                .put("namespace", toNamespace)
                .put("verb", "connect")
                .put("group", "tp.dev")
                .put("resource", "sessions");
        return isAllowed("/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
    }

    /**
     * {@return whether he may forward ports to the namespace's pods, asked there
     * (LocalSubjectAccessReview)} The right to ask is one of a Role. It is about a right that
     * whoever administers a namespace has: Kubernetes lets nobody grant what he does not hold, and
     * no role that it brings has {@code connect}.
     */
    public boolean mayForwardPorts(Identity who, String toNamespace) throws IOException {
        return isAllowedIn(toNamespace, who, "create", "pods", "portforward");
    }

    /**
     * {@return whether he may get the path {@code /metrics} (SubjectAccessReview)} That is the
     * right by which Prometheus sees those of Kubernetes' own components.
     */
    public boolean mayGetMetrics(Identity who) throws IOException {
        ObjectNode review = review("SubjectAccessReview", who);
        ((ObjectNode) review.path("spec"))
                .putObject("nonResourceAttributes")
                .put("path", "/metrics")
                .put("verb", "get");
        return isAllowed("/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
    }

    /**
     * {@return whether he may get {@code services/proxy} in the manager's own namespace
     * (LocalSubjectAccessReview)} There is no path within a namespace.
     */
    public boolean mayProxyToServices(Identity who) throws IOException {
        return isAllowedIn(namespace, who, "get", "services", "proxy");
    }

    private boolean isAllowedIn(
            String where, Identity who, String verb, String resource, String subresource)
            throws IOException {
        ObjectNode review = review("LocalSubjectAccessReview", who);
        review.putObject("metadata").put("namespace", where);
        ((ObjectNode) review.path("spec"))
                .putObject("resourceAttributes")
                .put("namespace", where)
                .put("verb", verb)
                .put("resource", resource)
                .put("subresource", subresource);
        return isAllowed(
                "/apis/authorization.k8s.io/v1/namespaces/" + where + "/localsubjectaccessreviews",
                review);
    }

    private boolean isAllowed(String path, ObjectNode review) throws IOException {
        JsonNode status = calls.call("POST", path, review).path("status");
        return status.path("allowed").asBoolean(false) && !status.path("denied").asBoolean(false);
    }

    private static ObjectNode review(String kind, Identity who) {
        ObjectNode review = object("authorization.k8s.io/v1", kind);
        ObjectNode spec = review.putObject("spec");
        spec.put("user", who.username()).put("uid", who.uid());
        ArrayNode groups = spec.putArray("groups");
        who.groups().forEach(groups::add);
        ObjectNode extra = spec.putObject("extra");
        who.extra()
                .forEach(
                        (key, values) -> {
                            ArrayNode array = extra.putArray(key);
                            values.forEach(array::add);
                        });
        return review;
    }

    /** Lists and follows a kind until the result is closed. */
    public <T extends ClusterObject> Subscription watch(
            ResourceKind<T> kind, WatchListener<T> listener) {
        Watch<T> watch = new Watch<>(calls, kind, listener, firstBackOff);
        watch.start();
        return watch;
    }

    /** {@return what a field selector finds at this moment, at most ten objects} */
    public <T extends ClusterObject> List<T> find(ResourceKind<T> kind, String fieldSelector)
            throws IOException {
        String path =
                kind.path()
                        + "?limit=10&fieldSelector="
                        + URLEncoder.encode(fieldSelector, StandardCharsets.UTF_8);
        List<T> found = new ArrayList<>();
        calls.read(path)
                .path("items")
                .values()
                .forEach(item -> kind.parse(item).ifPresent(found::add));
        return List.copyOf(found);
    }

    /**
     * {@return where ClusterIPs come from, where no ServiceCIDR tells it; nothing where that is not
     * to be found out with the manager's rights}
     */
    public List<Cidr> serviceRanges() throws IOException {
        return ServiceRanges.read(calls, namespace);
    }

    /**
     * {@return where the manager's own ports can be reached from outside, best first}
     *
     * @param nodes whether to ask for all nodes, whose ports they may be; else the pod's own alone
     */
    public List<ExposedPort> exposedPorts(boolean nodes) throws IOException {
        return Exposure.read(calls, namespace, nodes);
    }

    /** {@return the manager's own object of that name} */
    public Optional<StoredData> read(StoredData.Kind kind, String name) throws IOException {
        try {
            return Optional.of(stored(kind, calls.read(path(kind) + "/" + name)));
        } catch (ApiException e) {
            if (e.status() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * @throws ApiException with status 409 where there is one already
     */
    public StoredData create(StoredData.Kind kind, String name, Map<String, byte[]> data)
            throws IOException {
        ObjectNode object = stored(kind, name, data);
        return stored(kind, calls.call("POST", path(kind), object));
    }

    /**
     * Replaces the data.
     *
     * @throws ApiException with status 409 where it was changed since it was read
     */
    public StoredData update(
            StoredData.Kind kind, String name, StoredData read, Map<String, byte[]> data)
            throws IOException {
        ObjectNode object = stored(kind, name, data);
        ((ObjectNode) object.path("metadata")).put("resourceVersion", read.resourceVersion());
        return stored(kind, calls.call("PUT", path(kind) + "/" + name, object));
    }

    @Override
    public void close() {
        calls.close();
    }

    private String path(StoredData.Kind kind) {
        return "/api/v1/namespaces/" + namespace + "/" + kind.plural();
    }

    private ObjectNode stored(StoredData.Kind kind, String name, Map<String, byte[]> data) {
        ObjectNode object = object("v1", kind.kind());
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("name", name).put("namespace", namespace);
        metadata.putObject("labels").put("app.kubernetes.io/name", "tp-manager");
        ObjectNode content = object.putObject("data");
        data.forEach((key, value) -> content.put(key, encoded(kind, value)));
        return object;
    }

    private static StoredData stored(StoredData.Kind kind, JsonNode object) {
        Map<String, byte[]> data = new LinkedHashMap<>();
        object.path("data")
                .properties()
                .forEach(e -> data.put(e.getKey(), decoded(kind, text(e.getValue()))));
        JsonNode metadata = object.path("metadata");
        return new StoredData(
                text(metadata.path("uid")), text(metadata.path("resourceVersion")), data);
    }

    private static String encoded(StoredData.Kind kind, byte[] value) {
        return switch (kind) {
            case CONFIG_MAP -> new String(value, StandardCharsets.UTF_8);
            case SECRET -> Base64.getEncoder().encodeToString(value);
        };
    }

    private static byte[] decoded(StoredData.Kind kind, String value) {
        return switch (kind) {
            case CONFIG_MAP -> value.getBytes(StandardCharsets.UTF_8);
            case SECRET -> base64(value);
        };
    }

    private static byte[] base64(String value) {
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static ObjectNode object(String apiVersion, String kind) {
        return HttpCalls.JSON.createObjectNode().put("apiVersion", apiVersion).put("kind", kind);
    }

    private static String text(JsonNode node) {
        return ResourceKind.text(node);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        if (array.isArray()) {
            array.values().forEach(one -> texts.add(text(one)));
        }
        return List.copyOf(texts);
    }
}
