package tp.manager;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tp.incluster.Identity;
import tp.incluster.TokenVerdict;

/** An API server that accepts every token, and lets its bearer into some namespaces. */
final class FakeReviews implements Reviews {

    private final Set<String> allowed = ConcurrentHashMap.newKeySet();
    private final AtomicInteger tokenReviews = new AtomicInteger();
    private volatile String rejection = "";
    private volatile boolean down;
    private volatile boolean accessDown;
    private volatile String username = "system:serviceaccount:tp-system:tp-client";

    FakeReviews allow(Collection<String> namespaces) {
        allowed.clear();
        allowed.addAll(namespaces);
        return this;
    }

    void reject(String reason) {
        rejection = reason;
    }

    void down(boolean isDown) {
        down = isDown;
    }

    void accessDown(boolean isDown) {
        accessDown = isDown;
    }

    void username(String name) {
        username = name;
    }

    int tokenReviews() {
        return tokenReviews.get();
    }

    @Override
    public TokenVerdict token(String token, String audience) throws IOException {
        tokenReviews.incrementAndGet();
        if (down) {
            throw new IOException("the API server was not reached");
        }
        return rejection.isEmpty()
                ? new TokenVerdict.Accepted(new Identity(username, "1", List.of(), Map.of()))
                : new TokenVerdict.Rejected(rejection);
    }

    @Override
    public boolean mayConnect(Identity who, String namespace) throws IOException {
        if (down || accessDown) {
            throw new IOException("the API server was not reached");
        }
        return allowed.contains(namespace);
    }

    /** {@return a token with those claims and a signature that nobody looks at} */
    static String jwt(String audience, Instant expiry) {
        String claims =
                "{\"aud\":[\"%s\"],\"exp\":%d}".formatted(audience, expiry.getEpochSecond());
        return part("{\"alg\":\"ES256\"}") + "." + part(claims) + "." + part("signature");
    }

    private static String part(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
