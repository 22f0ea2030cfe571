package tp.sandbox.api;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;

/** The tokens of service accounts: JWTs signed with ES256 (RFC 7515, RFC 7518 §3.4, RFC 7519). */
final class Tokens {

    static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    private static final int COORDINATE_BYTES = 32;
    private static final int MAX_VERIFIED = 256;
    private static final String SUBJECT_PREFIX = "system:serviceaccount:";

    private final KeyPair key = Authority.newKey();
    private final String keyId = keyId(key);
    private final ObjectStore store;
    private final Clock clock;

    /**
     * What tokens say whose signature was seen to hold, since that costs more than all the rest of
     * a call; whether they hold still is asked each time. A real API server keeps its whole verdict
     * for ten seconds. Guarded by itself.
     */
    private final Map<String, ObjectNode> verified =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, ObjectNode> eldest) {
                    return size() > MAX_VERIFIED;
                }
            };

    Tokens(ObjectStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** What a token is bound to besides its account: it ends with that object. */
    record Binding(String kind, String name, String uid) {

        static final Binding NONE = new Binding("", "", "");

        Optional<ResourceType> type() {
            return switch (kind) {
                case "Pod" -> Optional.of(Resources.PODS);
                case "Secret" -> Optional.of(Resources.SECRETS);
                default -> Optional.empty();
            };
        }
    }

    /** A token that holds. */
    record Holder(User user, List<String> audiences) {}

    /** Either a holder or why there is none. */
    record Verdict(Optional<Holder> holder, String error) {

        static Verdict bad(String why) {
            return new Verdict(Optional.empty(), why);
        }
    }

    /**
     * @param audiences empty for this API server
     */
    String issue(ObjectNode account, List<String> audiences, Duration life, Binding binding) {
        Instant now = clock.instant();
        ObjectNode claims = Meta.newObject();
        ArrayNode audience = claims.putArray("aud");
        (audiences.isEmpty() ? List.of(ISSUER) : audiences).forEach(audience::add);
        claims.put("exp", now.plus(life).getEpochSecond())
                .put("iat", now.getEpochSecond())
                .put("iss", ISSUER)
                .put("jti", UUID.randomUUID().toString());
        ObjectNode kubernetes = claims.putObject("kubernetes.io");
        kubernetes.put("namespace", Meta.namespace(account));
        if (binding.type().isPresent()) {
            kubernetes
                    .putObject(binding.type().get().singular())
                    .put("name", binding.name())
                    .put("uid", binding.uid());
        }
        kubernetes
                .putObject("serviceaccount")
                .put("name", Meta.name(account))
                .put("uid", Meta.uid(account));
        claims.put("nbf", now.getEpochSecond());
        claims.put("sub", SUBJECT_PREFIX + Meta.namespace(account) + ":" + Meta.name(account));
        ObjectNode header = Meta.newObject().put("alg", "ES256").put("kid", keyId);
        String signed = encode(Json.bytes(header)) + "." + encode(Json.bytes(claims));
        return signed + "." + encode(sign(signed));
    }

    private byte[] sign(String text) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key.getPrivate());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no ES256", e);
        }
    }

    /**
     * @param wanted the audiences of which the token must have one
     */
    Verdict verify(String token, List<String> wanted) {
        Optional<ObjectNode> claims = signedClaims(token);
        if (claims.isEmpty()) {
            return Verdict.bad("invalid bearer token");
        }
        JsonNode all = claims.get();
        long now = clock.instant().getEpochSecond();
        if (!all.path("iss").asString("").equals(ISSUER)
                || now >= all.path("exp").asLong(0)
                || now < all.path("nbf").asLong(0)) {
            return Verdict.bad("[invalid bearer token, service account token has expired]");
        }
        List<String> has = all.path("aud").valueStream().map(item -> item.asString("")).toList();
        List<String> common = wanted.stream().filter(has::contains).toList();
        if (common.isEmpty()) {
            return Verdict.bad(
                    "[invalid bearer token, token audiences %s is invalid for the target audiences %s]"
                            .formatted(quoted(has), quoted(wanted)));
        }
        return holder(all.path("kubernetes.io"), common);
    }

    private static String quoted(List<String> words) {
        return "["
                + String.join(" ", words.stream().map(word -> "\"" + word + "\"").toList())
                + "]";
    }

    private Verdict holder(JsonNode claims, List<String> audiences) {
        String namespace = claims.path("namespace").asString("");
        JsonNode account = claims.path("serviceaccount");
        if (!exists(Resources.SERVICE_ACCOUNTS, namespace, account)) {
            return Verdict.bad("[invalid bearer token, service account UID does not match claim]");
        }
        for (ResourceType type : List.of(Resources.PODS, Resources.SECRETS)) {
            JsonNode bound = claims.path(type.singular());
            if (bound.isObject() && !exists(type, namespace, bound)) {
                return Verdict.bad(
                        "[invalid bearer token, service account token has been invalidated]");
            }
        }
        User user =
                User.serviceAccount(
                        namespace,
                        account.path("name").asString(""),
                        account.path("uid").asString(""));
        return new Verdict(Optional.of(new Holder(user, audiences)), "");
    }

    private boolean exists(ResourceType type, String namespace, JsonNode reference) {
        return store.get(type, namespace, reference.path("name").asString(""))
                .filter(object -> Meta.uid(object).equals(reference.path("uid").asString("")))
                .isPresent();
    }

    private Optional<ObjectNode> signedClaims(String token) {
        synchronized (verified) {
            ObjectNode known = verified.get(token);
            if (known != null) {
                return Optional.of(known);
            }
        }
        Optional<ObjectNode> claims = checkedClaims(token);
        claims.ifPresent(
                fresh -> {
                    synchronized (verified) {
                        verified.put(token, fresh);
                    }
                });
        return claims;
    }

    private Optional<ObjectNode> checkedClaims(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            JsonNode header = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[0]));
            if (!header.path("alg").asString("").equals("ES256")) {
                return Optional.empty();
            }
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initVerify(key.getPublic());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            boolean holds = signature.verify(Base64.getUrlDecoder().decode(parts[2]));
            JsonNode claims = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1]));
            return holds && claims instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (IllegalArgumentException | JacksonException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** {@return the keys that verify these tokens (RFC 7517)} */
    ObjectNode keySet() {
        ECPublicKey point = (ECPublicKey) key.getPublic();
        ObjectNode set = Meta.newObject();
        set.putArray("keys")
                .addObject()
                .put("use", "sig")
                .put("kty", "EC")
                .put("kid", keyId)
                .put("crv", "P-256")
                .put("alg", "ES256")
                .put("x", encode(coordinate(point.getW().getAffineX())))
                .put("y", encode(coordinate(point.getW().getAffineY())));
        return set;
    }

    /** {@return what OpenID Connect Discovery asks for} */
    static ObjectNode configuration(String jwksUri) {
        ObjectNode json = Meta.newObject().put("issuer", ISSUER).put("jwks_uri", jwksUri);
        json.putArray("response_types_supported").add("id_token");
        json.putArray("subject_types_supported").add("public");
        json.putArray("id_token_signing_alg_values_supported").add("ES256");
        return json;
    }

    private static byte[] coordinate(BigInteger value) {
        byte[] bytes = value.toByteArray();
        return bytes.length > COORDINATE_BYTES
                ? Arrays.copyOfRange(bytes, bytes.length - COORDINATE_BYTES, bytes.length)
                : leftPadded(bytes);
    }

    private static byte[] leftPadded(byte[] bytes) {
        byte[] padded = new byte[COORDINATE_BYTES];
        System.arraycopy(bytes, 0, padded, COORDINATE_BYTES - bytes.length, bytes.length);
        return padded;
    }

    private static String keyId(KeyPair key) {
        try {
            return encode(
                    MessageDigest.getInstance("SHA-256").digest(key.getPublic().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
