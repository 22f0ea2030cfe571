package tp.sandbox.api;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tp.sandbox.store.ApiException;

/** Finds out who makes a request. */
final class Authenticator {

    private static final String BEARER = "Bearer ";
    private static final int TOKEN_BYTES = 24;

    /** The sandbox's people; what those who are no masters may do is up to RBAC. */
    private static final Map<String, List<String>> PEOPLE =
            Map.of("admin", List.of(User.MASTERS), "developer", List.of("developers"));

    private final SecureRandom random = new SecureRandom();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();

    /** {@return the token of one of the sandbox's people, the same each time} */
    String token(String person) {
        return tokens.computeIfAbsent(person, name -> newToken());
    }

    private String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    User user(Request request) {
        String header = request.header(HttpHeaderNames.AUTHORIZATION);
        if (header.startsWith(BEARER)) {
            String token = header.substring(BEARER.length()).strip();
            for (Map.Entry<String, String> entry : tokens.entrySet()) {
                if (entry.getValue().equals(token)) {
                    return User.person(
                            entry.getKey(), PEOPLE.getOrDefault(entry.getKey(), List.of()));
                }
            }
        }
        throw ApiException.plain(401, "Unauthorized", "Unauthorized");
    }
}
