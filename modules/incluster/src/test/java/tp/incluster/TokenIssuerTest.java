package tp.incluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TokenIssuerTest {

    private static final String CONFIGURATION = "GET /.well-known/openid-configuration";
    private static final String KEYS = "GET /openid/v1/jwks";
    private static final String ISSUER = "https://kubernetes.default.svc";
    private static final String GOOD =
            """
            {"iss":"%s","aud":["tp-manager/7"],"exp":1600,"nbf":990,\
            "sub":"system:serviceaccount:team-a:tp-client",\
            "kubernetes.io":{"namespace":"team-a","serviceaccount":{"name":"tp-client","uid":"u-1"}}}"""
                    .formatted(ISSUER);

    private static final Signer EC = Signer.elliptic("ec", "secp256r1", 32);
    private static final Signer STRANGER = Signer.elliptic("ec", "secp256r1", 32);

    @TempDir private Path directory;
    private FakeApi fake;
    private ClusterApi api;
    private Instant now = Instant.ofEpochSecond(1000);
    private TokenIssuer issuer;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeApi(directory);
        api = fake.api();
        issuer = api.tokenIssuer(() -> now);
        fake.on(CONFIGURATION, 200, "{\"issuer\":\"" + ISSUER + "\"}");
        publish(EC.jwk());
    }

    @AfterEach
    void stop() {
        api.close();
        fake.close();
    }

    private void publish(String... keys) {
        fake.on(KEYS, 200, "{\"keys\":[" + String.join(",", keys) + "]}");
    }

    private String verdict(String token) throws IOException {
        return switch (issuer.verify(token, "tp-manager/7")) {
            case TokenVerdict.Accepted it -> it.identity().toString();
            case TokenVerdict.Rejected it -> it.reason();
        };
    }

    static Stream<Signer> signers() {
        return Stream.of(
                EC,
                Signer.elliptic("384", "secp384r1", 48),
                Signer.elliptic("521", "secp521r1", 66),
                Signer.rsa("rsa", 2048));
    }

    @ParameterizedTest
    @MethodSource("signers")
    void aTokenOfThisClusterIsItsAccounts(Signer signer) throws Exception {
        publish(signer.jwk());

        assertThat(issuer.verify(signer.token(GOOD), "tp-manager/7"))
                .isEqualTo(
                        new TokenVerdict.Accepted(
                                new Identity(
                                        "system:serviceaccount:team-a:tp-client",
                                        "u-1",
                                        List.of(
                                                "system:serviceaccounts",
                                                "system:serviceaccounts:team-a",
                                                "system:authenticated"),
                                        Map.of())));
    }

    @Test
    void aTokenForTheApiServerItselfHasTheIssuersName() throws Exception {
        publish(EC.jwk());
        String own = GOOD.replace("tp-manager/7", "https://kubernetes.default.svc");

        assertThat(issuer.verify(EC.token(own))).isInstanceOf(TokenVerdict.Accepted.class);
        assertThat(issuer.verify(EC.token(GOOD))).isInstanceOf(TokenVerdict.Rejected.class);
        assertThat(issuer.verify("garbage")).isInstanceOf(TokenVerdict.Rejected.class);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "another cluster's, https://kubernetes.default.svc, https://other, another issuer",
        "for another audience, tp-manager/7, tp-manager/8, not for the audience",
        "over, 1600, 1000, expired",
        "without an end, '\"exp\":1600,', '', none of a service account",
        "not begun, 990, 1011, not valid yet",
        "a user's, system:serviceaccount:team-a:tp-client, alice, none of a service account",
        "with more in its subject, :tp-client\", :tp-client:admin\", none of a service account",
    })
    void whatIsSignedCountsOnlyHereAndNow(String name, String from, String to, String reason)
            throws Exception {
        assertThat(verdict(EC.token(GOOD))).contains("team-a:tp-client");
        assertThat(verdict(EC.token(GOOD.replace(from, to)))).as(name).contains(reason);
    }

    @Test
    void nobodyElseSigns() throws Exception {
        String good = EC.token(GOOD);
        String[] parts = good.split("\\.", -1);

        assertThat(verdict(STRANGER.token(GOOD)))
                .contains("no key of the API server has signed it");
        assertThat(verdict(good.replace(parts[1], encoded(GOOD + " ")))).contains("no key");
        assertThat(verdict(parts[0] + "." + parts[1] + ".")).contains("no key");
        assertThat(verdict(encoded("{\"alg\":\"none\",\"kid\":\"ec\"}") + "." + parts[1] + "."))
                .contains("no key");
        // The algorithm is the key's: a public key is no secret to make a code with.
        assertThat(
                        verdict(
                                encoded("{\"alg\":\"HS256\",\"kid\":\"ec\"}")
                                        + "."
                                        + parts[1]
                                        + "."
                                        + parts[2]))
                .contains("no key");
        assertThat(verdict(EC.token("{\"alg\":\"ES256\",\"kid\":\"ec\",\"crit\":[\"b64\"]}", GOOD)))
                .contains("a header that is not known");
        for (String noise : new String[] {"", "a", "a.b", "a.b.c", "a.b.c.d", "....", "é.é.é"}) {
            assertThat(verdict(noise)).contains("none of a service account");
        }
    }

    @Test
    void keysThatAreNoneForTokensAreLeftOut() throws Exception {
        publish(
                "{}",
                "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\",\"kid\":\"ec\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"AA\",\"kid\":\"ec\"}"
                        .formatted("n".repeat(88)),
                EC.jwk().replace("\"sig\"", "\"enc\""),
                Signer.rsa("short", 1024).jwk());

        assertThat(verdict(EC.token(GOOD))).contains("no key");
        assertThat(verdict(Signer.rsa("short", 1024).token(GOOD))).contains("no key");
    }

    @Test
    void keysAreReadNowAndThenAndWhereOneIsNotKnown() throws Exception {
        assertThat(verdict(EC.token(GOOD))).contains("tp-client");
        assertThat(verdict(EC.token(GOOD))).contains("tp-client");
        assertThat(fake.requests()).hasSize(2);

        Signer next = Signer.elliptic("next", "secp256r1", 32);
        publish(next.jwk());
        assertThat(verdict(next.token(GOOD))).contains("no key"); // looked a moment ago
        now = now.plusSeconds(11);
        assertThat(verdict(next.token(GOOD))).contains("tp-client");
        assertThat(fake.requests()).hasSize(4);

        now = now.plus(Duration.ofMinutes(5)).plusSeconds(1);
        publish(EC.jwk());
        assertThat(verdict(next.token(GOOD))).contains("no key"); // it was taken away
    }

    @Test
    void noAnswerIsNoVerdict() throws Exception {
        fake.on(KEYS, 403, "{\"message\":\"forbidden\"}");
        String token = EC.token(GOOD);

        assertThatThrownBy(() -> verdict(token)).hasMessageContaining("forbidden");
        fake.on(CONFIGURATION, 200, "{}");
        assertThatThrownBy(() -> verdict(token)).hasMessageContaining("no issuer");
    }

    private static String encoded(String text) {
        return encoded(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A key that signs as an API server does. */
    record Signer(String id, String algorithm, String java, KeyPair keys, int bytes) {

        static Signer elliptic(String id, String curve, int bytes) {
            String hash = bytes == 32 ? "256" : bytes == 48 ? "384" : "512";
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec(curve));
                return new Signer(
                        id,
                        "ES" + hash,
                        "SHA" + hash + "withECDSAinP1363Format",
                        generator.generateKeyPair(),
                        bytes);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        static Signer rsa(String id, int bits) {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(bits);
                return new Signer(id, "RS256", "SHA256withRSA", generator.generateKeyPair(), 0);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        String jwk() {
            if (keys.getPublic() instanceof RSAPublicKey rsa) {
                return "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}"
                        .formatted(
                                id,
                                encoded(rsa.getModulus().toByteArray()),
                                encoded(rsa.getPublicExponent().toByteArray()));
            }
            ECPublicKey key = (ECPublicKey) keys.getPublic();
            String curve = bytes == 32 ? "P-256" : bytes == 48 ? "P-384" : "P-521";
            return "{\"kty\":\"EC\",\"use\":\"sig\",\"kid\":\"%s\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}"
                    .formatted(
                            id,
                            curve,
                            encoded(padded(key.getW().getAffineX())),
                            encoded(padded(key.getW().getAffineY())));
        }

        private byte[] padded(BigInteger number) {
            byte[] raw = number.toByteArray();
            byte[] padded = new byte[bytes];
            int length = Math.min(raw.length, bytes);
            System.arraycopy(raw, raw.length - length, padded, bytes - length, length);
            return padded;
        }

        String token(String claims) throws GeneralSecurityException {
            return token("{\"alg\":\"" + algorithm + "\",\"kid\":\"" + id + "\"}", claims);
        }

        String token(String header, String claims) throws GeneralSecurityException {
            String signed = encoded(header) + "." + encoded(claims);
            Signature signature = Signature.getInstance(java);
            signature.initSign(keys.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + encoded(signature.sign());
        }

        @Override
        public String toString() {
            return algorithm;
        }
    }
}
