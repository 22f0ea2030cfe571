package tp.incluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;

/** JSON of the API server, and tokens of strangers. */
public final class ApiDocuments implements Target {

    private static final List<ResourceKind<?>> KINDS =
            List.of(
                    ResourceKind.SERVICES,
                    ResourceKind.ENDPOINT_SLICES,
                    ResourceKind.PODS,
                    ResourceKind.NAMESPACES,
                    ResourceKind.SERVICE_CIDRS,
                    ResourceKind.NODES);
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    @Override
    public void take(byte[] input) {
        Input in = new Input(input);
        int kind = in.octet() % 3;
        byte[] bytes = in.rest();
        switch (kind) {
            case 0 -> document(bytes);
            case 1 -> token(new String(bytes, StandardCharsets.ISO_8859_1));
            default -> token(encoded(bytes) + "." + encoded(bytes) + ".c2ln");
        }
    }

    private static void document(byte[] json) {
        JsonNode node;
        try {
            node = HttpCalls.parse(json);
        } catch (IOException e) {
            return; // no JSON
        }
        for (ResourceKind<?> kind : KINDS) {
            Optional<?> object = kind.parse(node);
            Promise.kept(object.isEmpty() || object.get().hashCode() != -1, "an object is whole");
        }
        claims(TokenClaims.of(node));
        IssuerKey.parse(node).ifPresent(key -> Promise.kept(!key.java().isEmpty(), "a key"));
    }

    private static void token(String text) {
        claims(TokenClaims.read(text));
        Optional<SignedToken> token = SignedToken.parse(text);
        Promise.kept(
                token.isEmpty()
                        || text.equals(token.get().signed() + "." + token.get().signature()),
                "a token is taken apart whole");
    }

    private static void claims(Optional<TokenClaims> claims) {
        Promise.kept(
                claims.isEmpty()
                        || (!claims.get().expiry().isAfter(LATEST)
                                && !claims.get().expiry().isBefore(Instant.EPOCH)),
                "a time is one that can be written");
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public List<byte[]> seeds() {
        String service =
                """
                {"metadata":{"name":"web","namespace":"default"},"spec":{"clusterIP":"10.96.0.10",\
                "clusterIPs":["10.96.0.10","fd00::1"],"cidrs":["10.96.0.0/16"],"hostNetwork":true,\
                "podCIDR":"10.244.0.0/24","podCIDRs":["fd00:244::/64"]},\
                "status":{"phase":"Failed","podIP":"10.244.0.7","podIPs":[{"ip":"10.244.0.7"}],\
                "addresses":[{"type":"InternalIP","address":"192.0.2.1"}]},\
                "endpoints":[{"addresses":["10.244.0.7"]}]}""";
        String claims =
                """
                {"alg":"RS256","kid":"k","iss":"https://k","aud":["tp"],"exp":1790000000,"nbf":1.5e3,\
                "sub":"system:serviceaccount:default:tp"}""";
        String keys =
                """
                {"kty":"RSA","use":"sig","kid":"k","n":"AQAB","e":"AQAB","crv":"P-256","x":"AQ"}""";
        return List.of(
                new Bytes().octet(0).text(service).array(),
                new Bytes().octet(0).text(claims).array(),
                new Bytes().octet(0).text(keys).array(),
                new Bytes().octet(0).text(keys.replace("RSA", "EC")).array(),
                new Bytes().octet(1).text("eyJhIjoxfQ.eyJleHAiOjF9.c2ln").array(),
                new Bytes().octet(2).text(claims).array());
    }

    /** Jackson's own buffers, and a tree whose leaves are of two bytes at least. */
    @Override
    public long capBytes(int inputBytes) {
        return 512 * 1024 + 2_048L * inputBytes;
    }
}
