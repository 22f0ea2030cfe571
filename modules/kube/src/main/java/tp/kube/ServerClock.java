package tp.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tp.spi.common.TpException;

/** Compares this machine's clock with that of the API server, which dates its answers. */
final class ServerClock {

    private static final long PATIENCE_SECONDS = 5;

    private ServerClock() {}

    /** {@return how far this clock is ahead; empty where the answer has no date} */
    static Optional<Duration> ahead(Api api, InstantSource clock) {
        return api.call("ask for its version", client -> date(client))
                .flatMap(date -> ahead(date, clock.instant()));
    }

    /** A date has whole seconds (RFC 9110 §5.6.7): what is within one is no difference. */
    static Optional<Duration> ahead(String date, Instant now) {
        try {
            Instant server =
                    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            Duration ahead = Duration.between(server, now);
            return Optional.of(
                    ahead.isNegative() || ahead.compareTo(Duration.ofSeconds(1)) > 0
                            ? Duration.ofSeconds(ahead.toSeconds())
                            : Duration.ZERO);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> date(KubernetesClient client) {
        String base = client.getMasterUrl().toString().replaceAll("/+$", "");
        var http = client.getHttpClient();
        try {
            HttpResponse<String> answer =
                    http.sendAsync(
                                    http.newHttpRequestBuilder().uri(base + "/version").build(),
                                    String.class)
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return answer.headers("Date").stream().findFirst();
        } catch (ExecutionException | TimeoutException e) {
            throw new TpException(
                    TpException.Category.TRANSIENT,
                    "the API server did not tell its time: " + Failures.oneLine(e),
                    "try again",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TpException(TpException.Category.TRANSIENT, "interrupted", "", e);
        }
    }
}
