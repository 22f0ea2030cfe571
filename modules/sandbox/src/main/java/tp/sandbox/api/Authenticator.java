package tp.sandbox.api;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import tp.sandbox.store.ApiException;

/** Finds out who makes a request. */
final class Authenticator {

    private static final String BEARER = "Bearer ";
    private static final int TOKEN_BYTES = 24;
    private static final int MAX_PEOPLE = 1_000;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, String> people = new ConcurrentHashMap<>();
    private final Tokens tokens;
    private final Authority authority;
    private final Supplier<TokenFault> fault;

    /**
     * @param fault what is wrong with tokens at the moment
     */
    Authenticator(Tokens tokens, Authority authority, Supplier<TokenFault> fault) {
        this.tokens = tokens;
        this.authority = authority;
        this.fault = fault;
    }

    /** {@return the token of a person, the same each time} */
    String token(String person) {
        if (people.size() >= MAX_PEOPLE) {
            throw new IllegalStateException("too many people");
        }
        return people.computeIfAbsent(person, name -> newToken());
    }

    private String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    User user(Request request, Optional<X509Certificate> certificate) {
        if (certificate.isPresent()) {
            return authority.user(certificate.get()).orElseThrow(Authenticator::unauthorized);
        }
        String header = request.header(HttpHeaderNames.AUTHORIZATION);
        if (header.isEmpty()) {
            return User.anonymous();
        }
        if (header.startsWith(BEARER)) {
            String token = header.substring(BEARER.length()).strip();
            Optional<Tokens.Holder> holder = holder(token, List.of(Tokens.ISSUER)).holder();
            if (holder.isPresent()) {
                return holder.get().user();
            }
        }
        throw unauthorized();
    }

    private static ApiException unauthorized() {
        return ApiException.plain(401, "Unauthorized", "Unauthorized");
    }

    /**
     * {@return what a review says of a token: who holds it, if it is for one of these audiences}
     */
    Tokens.Verdict review(String token, List<String> audiences) {
        return fault.get() == TokenFault.NONE
                ? holder(token, audiences)
                : Tokens.Verdict.bad("invalid bearer token");
    }

    private Tokens.Verdict holder(String token, List<String> audiences) {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        for (Map.Entry<String, String> person : people.entrySet()) {
            if (MessageDigest.isEqual(person.getValue().getBytes(StandardCharsets.UTF_8), bytes)) {
                // A person's token is for the API server only.
                return audiences.contains(Tokens.ISSUER)
                        ? new Tokens.Verdict(
                                Optional.of(
                                        new Tokens.Holder(
                                                User.person(person.getKey()),
                                                List.of(Tokens.ISSUER))),
                                "")
                        : Tokens.Verdict.bad("invalid bearer token");
            }
        }
        return fault.get() == TokenFault.UNAUTHORIZED
                ? Tokens.Verdict.bad("invalid bearer token")
                : tokens.verify(token, audiences);
    }
}
