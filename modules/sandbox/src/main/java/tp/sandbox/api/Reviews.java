package tp.sandbox.api;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;
import tp.sandbox.store.Status;

/** Objects that are answered and not kept: who a token is, what somebody may do, new tokens. */
final class Reviews {

    private static final long DEFAULT_LIFE_S = 3_600;
    private static final long MIN_LIFE_S = 600;
    private static final long MAX_LIFE_S = 1L << 32;

    private final ObjectStore store;
    private final Authenticator authenticator;
    private final Tokens tokens;
    private final Rbac rbac;
    private final Clock clock;

    Reviews(ObjectStore store, Authenticator authenticator, Tokens tokens, Rbac rbac, Clock clock) {
        this.store = store;
        this.authenticator = authenticator;
        this.tokens = tokens;
        this.rbac = rbac;
        this.clock = clock;
    }

    /** {@return false if the target is none of these} */
    boolean serve(Exchange exchange, Target target, User user) throws IOException {
        if (!target.group().equals("authentication.k8s.io")
                && !target.group().equals("authorization.k8s.io")) {
            return false;
        }
        if (!Discovery.isQuestion(target)) {
            return false;
        }
        if (!exchange.request().method().equals("POST")) {
            throw ResourceApi.methodNotAllowed();
        }
        ObjectNode review = exchange.request().object();
        switch (target.resource()) {
            case "tokenreviews" -> token(review);
            case "selfsubjectreviews" -> review.putObject("status").set("userInfo", userInfo(user));
            case "subjectaccessreviews" -> access(review, subject(review), "");
            case "localsubjectaccessreviews" -> access(review, subject(review), target.namespace());
            case "selfsubjectaccessreviews" -> access(review, user, "");
            case "selfsubjectrulesreviews" -> rules(review, user);
            default -> {
                return false;
            }
        }
        exchange.reply(201, review);
        return true;
    }

    private void token(ObjectNode review) {
        JsonNode spec = review.path("spec");
        List<String> asked = texts(spec.path("audiences"));
        Tokens.Verdict verdict =
                authenticator.review(
                        spec.path("token").asString(""),
                        asked.isEmpty() ? List.of(Tokens.ISSUER) : asked);
        ObjectNode status = review.putObject("status");
        Optional<Tokens.Holder> holder = verdict.holder();
        if (holder.isPresent()) {
            status.put("authenticated", true);
            status.set("user", userInfo(holder.get().user()));
            ArrayNode audiences = status.putArray("audiences");
            holder.get().audiences().forEach(audiences::add);
        } else {
            status.putObject("user");
            status.put("error", verdict.error());
        }
    }

    private static ObjectNode userInfo(User user) {
        ObjectNode info = Meta.newObject().put("username", user.name());
        if (!user.uid().isEmpty()) {
            info.put("uid", user.uid());
        }
        ArrayNode groups = info.putArray("groups");
        user.groups().forEach(groups::add);
        return info;
    }

    private static User subject(ObjectNode review) {
        JsonNode spec = review.path("spec");
        User user =
                new User(
                        spec.path("user").asString(""),
                        spec.path("uid").asString(""),
                        texts(spec.path("groups")));
        if (user.name().isEmpty() && user.groups().isEmpty()) {
            throw invalid(
                    review,
                    Status.Cause.required(
                            "spec.user", "at least one of user or group must be specified"));
        }
        return user;
    }

    private void access(ObjectNode review, User user, String localNamespace) {
        JsonNode spec = review.path("spec");
        JsonNode resource = spec.path("resourceAttributes");
        JsonNode path = spec.path("nonResourceAttributes");
        if (resource.isObject() == path.isObject()) {
            throw invalid(
                    review,
                    Status.Cause.invalid(
                            "spec.resourceAttributes",
                            "null",
                            "exactly one of nonResourceAttributes or resourceAttributes must be"
                                    + " specified"));
        }
        String namespace = resource.path("namespace").asString("");
        if (!localNamespace.isEmpty() && !namespace.equals(localNamespace)) {
            throw ApiException.badRequest(
                    "namespace on request and spec.resourceAttributes.namespace must match");
        }
        String subresource = resource.path("subresource").asString("");
        Access access =
                path.isObject()
                        ? Access.toPath(
                                path.path("verb").asString(""), path.path("path").asString(""))
                        : new Access(
                                resource.path("verb").asString(""),
                                resource.path("group").asString(""),
                                resource.path("resource").asString("")
                                        + (subresource.isEmpty() ? "" : "/" + subresource),
                                namespace,
                                resource.path("name").asString(""),
                                "");
        Optional<String> reason = rbac.allows(user, access);
        ObjectNode status = review.putObject("status").put("allowed", reason.isPresent());
        reason.filter(text -> !text.isEmpty()).ifPresent(text -> status.put("reason", text));
    }

    private void rules(ObjectNode review, User user) {
        ObjectNode status = review.putObject("status");
        ArrayNode resources = status.putArray("resourceRules");
        ArrayNode paths = status.putArray("nonResourceRules");
        for (JsonNode rule : rbac.rules(user, review.at("/spec/namespace").asString(""))) {
            (rule.has("nonResourceURLs") ? paths : resources).add(rule);
        }
        if (user.groups().contains(User.MASTERS)) {
            ObjectNode all = resources.addObject();
            for (String field : List.of("verbs", "apiGroups", "resources")) {
                all.putArray(field).add("*");
            }
        }
        status.put("incomplete", false);
    }

    /** TokenRequest: {@code POST …/serviceaccounts/NAME/token}. */
    void newToken(Exchange exchange, Target target) throws IOException {
        if (!exchange.request().method().equals("POST")) {
            throw ResourceApi.methodNotAllowed();
        }
        ObjectNode account =
                store.get(Resources.SERVICE_ACCOUNTS, target.namespace(), target.name())
                        .orElseThrow(
                                () ->
                                        ApiException.notFound(
                                                Resources.SERVICE_ACCOUNTS, target.name()));
        ObjectNode request = exchange.request().object();
        ObjectNode spec = request.withObjectProperty("spec");
        long seconds = spec.path("expirationSeconds").asLong(DEFAULT_LIFE_S);
        String complaint =
                seconds < MIN_LIFE_S
                        ? "may not specify a duration less than 10 minutes"
                        : seconds > MAX_LIFE_S
                                ? "may not specify a duration larger than 2^32 seconds"
                                : "";
        if (!complaint.isEmpty()) {
            throw invalid(
                    request,
                    Status.Cause.invalid(
                            "spec.expirationSeconds", Long.toString(seconds), complaint));
        }
        spec.put("expirationSeconds", seconds);
        List<String> audiences = texts(spec.path("audiences"));
        if (audiences.isEmpty()) {
            spec.putArray("audiences").add(Tokens.ISSUER);
        }
        Tokens.Binding binding = binding(spec.path("boundObjectRef"), account);
        request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
        Meta.of(request).put("name", target.name()).put("namespace", target.namespace());
        request.putObject("status")
                .put(
                        "token",
                        tokens.issue(account, audiences, Duration.ofSeconds(seconds), binding))
                .put(
                        "expirationTimestamp",
                        clock.instant()
                                .plusSeconds(seconds)
                                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                                .toString());
        exchange.reply(201, request);
    }

    private Tokens.Binding binding(JsonNode reference, ObjectNode account) {
        if (!reference.isObject()) {
            return Tokens.Binding.NONE;
        }
        Tokens.Binding asked =
                new Tokens.Binding(
                        reference.path("kind").asString(""),
                        reference.path("name").asString(""),
                        reference.path("uid").asString(""));
        var type =
                asked.type()
                        .orElseThrow(
                                () ->
                                        ApiException.badRequest(
                                                "cannot bind token for serviceaccount to object of"
                                                        + " type "
                                                        + asked.kind()));
        ObjectNode object =
                store.get(type, Meta.namespace(account), asked.name())
                        .orElseThrow(() -> ApiException.notFound(type, asked.name()));
        if (!asked.uid().isEmpty() && !asked.uid().equals(Meta.uid(object))) {
            throw ApiException.conflict(
                    type,
                    asked.name(),
                    "the UID in the bound object reference (%s) does not match the UID in record."
                            .formatted(asked.uid()));
        }
        String runsAs = object.at("/spec/serviceAccountName").asString("");
        if (type.equals(Resources.PODS) && !runsAs.equals(Meta.name(account))) {
            throw ApiException.badRequest(
                    "cannot bind token for serviceaccount \"%s\" to pod running with different serviceaccount name."
                            .formatted(Meta.name(account)));
        }
        return new Tokens.Binding(asked.kind(), asked.name(), Meta.uid(object));
    }

    private static ApiException invalid(ObjectNode review, Status.Cause cause) {
        String kind = review.path("kind").asString("");
        String group = review.path("apiVersion").asString("").replaceFirst("/.*", "");
        String message =
                "%s.%s \"\" is invalid: %s: %s"
                        .formatted(kind, group, cause.field(), cause.message());
        return new ApiException(
                new Status(
                        422,
                        "Invalid",
                        message,
                        new Status.Details("", group, kind, "", List.of(cause))));
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(item -> item.asString("")).toList();
    }
}
