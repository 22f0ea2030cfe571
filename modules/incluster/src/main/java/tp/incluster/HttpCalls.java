package tp.incluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tp.spi.common.TpException;

/** JSON over HTTP, as the pod's service account. Each call is bounded in time and in bytes. */
final class HttpCalls implements AutoCloseable {

    static final JsonMapper JSON = new JsonMapper();

    /** A page of a list; a single object has at most 1.5 MiB in etcd. */
    private static final int MAX_BODY_BYTES = 16 << 20;

    private final PodEnvironment pod;
    private final Duration bound;
    private final HttpClient client;

    HttpCalls(PodEnvironment pod, Duration bound) {
        this.pod = pod;
        this.bound = bound;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .connectTimeout(bound)
                        .executor(Executors.newVirtualThreadPerTaskExecutor())
                        .followRedirects(HttpClient.Redirect.NEVER);
        if ("https".equals(pod.server().getScheme())) {
            builder.sslContext(trusting(pod.caFile()));
        }
        this.client = builder.build();
    }

    JsonNode read(String path) throws IOException {
        return call("GET", path, null);
    }

    /**
     * @throws ApiException where the server answers with another status than 2xx
     */
    JsonNode call(String method, String path, @Nullable JsonNode body) throws IOException {
        HttpRequest.BodyPublisher publisher =
                body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
        HttpRequest request =
                request(path)
                        .timeout(bound)
                        .header("Content-Type", "application/json")
                        .method(method, publisher)
                        .build();
        HttpResponse<byte[]> response =
                await(
                        client.sendAsync(
                                request,
                                BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BODY_BYTES)));
        if (response.statusCode() / 100 != 2) {
            throw failure(response.statusCode(), response.body());
        }
        return parse(response.body());
    }

    /** {@return the body as it comes, for as long as it comes} Only its beginning is bounded. */
    InputStream stream(String path) throws IOException {
        HttpRequest request = request(path).timeout(bound).GET().build();
        HttpResponse<InputStream> response =
                await(client.sendAsync(request, BodyHandlers.ofInputStream()));
        if (response.statusCode() / 100 != 2) {
            try (InputStream body = response.body()) {
                throw failure(response.statusCode(), body.readNBytes(4096));
            }
        }
        return response.body();
    }

    static JsonNode parse(byte[] json) throws IOException {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            throw new IOException("the API server sent no JSON: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private HttpRequest.Builder request(String path) throws IOException {
        String token = Files.readString(pod.tokenFile(), StandardCharsets.UTF_8).strip();
        return HttpRequest.newBuilder(URI.create(pod.server() + path))
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/json");
    }

    private <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> call) throws IOException {
        try {
            return call.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            String what = e.getCause() == null ? "it failed" : e.getCause().toString();
            throw new IOException("the API server was not reached: " + what, e.getCause());
        } catch (TimeoutException e) {
            call.cancel(true);
            throw new IOException("the API server did not answer within " + bound, e);
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static ApiException failure(int status, byte[] body) {
        String message = "";
        try {
            message = ResourceKind.text(parse(body).path("message"));
        } catch (IOException e) {
            message = "no Status"; // a proxy in between, and its words are of no use
        }
        return new ApiException(status, "the API server answered " + status + ": " + message);
    }

    private static SSLContext trusting(Path caFile) {
        try (InputStream pem = Files.newInputStream(caFile)) {
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            int number = 0;
            for (Certificate one :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                authorities.setCertificateEntry("ca-" + number++, one);
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "the certificates in " + caFile + " cannot be read: " + e.getMessage(),
                    "look at the pod's service account volume",
                    e);
        }
    }
}
