package tp.kube;

import io.fabric8.kubernetes.client.http.WebSocketHandshakeException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import io.vertx.core.http.UpgradeRejectedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Why there is no websocket.
 *
 * @param status of the answer, 0 where there is none that can be used
 * @param reason of the answer, in its own words and in one line
 * @param isOfKubernetes whether the answer is an object of the API server's
 * @param cause what was thrown
 */
record Refusal(int status, Optional<String> reason, boolean isOfKubernetes, Throwable cause) {

    private static final int MOST_BODY_BYTES = 16 << 10;

    private static final JsonMapper JSON = new JsonMapper();

    static Refusal of(Throwable cause) {
        if (!(cause instanceof WebSocketHandshakeException handshake)) {
            return new Refusal(0, Optional.empty(), false, cause);
        }
        int status = handshake.getResponse().code();
        String type = String.valueOf(handshake.getResponse().header("Content-Type"));
        String body =
                handshake.getCause() instanceof UpgradeRejectedException rejected
                        ? body(rejected)
                        : "";
        Optional<String> message = message(body);
        // A page for a browser says nothing in one line.
        Optional<String> text = type.startsWith("text/html") ? Optional.empty() : Optional.of(body);
        return new Refusal(
                status,
                message.or(() -> text).map(Failures::oneLine).filter(said -> says(said, status)),
                message.isPresent(),
                cause);
    }

    /** Many write the status once more where they have nothing to say. */
    private static boolean says(String text, int status) {
        return !text.isEmpty()
                && !text.equalsIgnoreCase(HttpResponseStatus.valueOf(status).reasonPhrase());
    }

    private static String body(UpgradeRejectedException rejected) {
        var body = rejected.getBody();
        return body == null || body.length() > MOST_BODY_BYTES
                ? ""
                : body.toString(StandardCharsets.UTF_8);
    }

    /** {@return the message of a Kubernetes Status, if that is what it is} */
    private static Optional<String> message(String body) {
        try {
            JsonNode status = JSON.readTree(body);
            return status != null && status.path("kind").asString("").equals("Status")
                    ? Optional.of(status.path("message").asString(""))
                    : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    IOException told(StreamPlace place, String subprotocol) {
        String message = message(place);
        return isOfSubprotocol()
                ? new NotNegotiatedException(subprotocol, message, cause)
                : new RefusedStreamException(status, message, cause);
    }

    /**
     * Whether another subprotocol may do better. A kubelet that knows none of those offered answers
     * 403 and not a word more, an API server 400 with a text; a proxy, anything of the kind, or 101
     * without the subprotocol. What the user may not do is a 403 with a reason: it stays refused.
     */
    private boolean isOfSubprotocol() {
        return switch (status) {
            case 0 -> causes().anyMatch(WebSocketClientHandshakeException.class::isInstance);
            case 403 -> (reason.isEmpty() && !isOfKubernetes) || namesNegotiation();
            case 400, 405, 406, 415, 426, 501 -> !isOfKubernetes || namesNegotiation();
            case 500 -> namesNegotiation();
            default -> false;
        };
    }

    private boolean namesNegotiation() {
        String said = reason.orElse("").toLowerCase(Locale.ROOT);
        return said.contains("unable to upgrade") || said.contains("subprotocol");
    }

    private Stream<Throwable> causes() {
        return Stream.iterate(cause, one -> one != null, Throwable::getCause).limit(20);
    }

    private String message(StreamPlace place) {
        String where = place.name();
        return switch (status) {
            case 0 -> "no connection to " + where + ": " + Failures.oneLine(cause);
            case 401 -> "the API server refused the credentials (401)";
            case 403 ->
                    "the API server refused to open "
                            + where
                            + " (403): "
                            + (isOfSubprotocol() ? reason.orElse(place.right()) : place.right());
            case 404 -> "there is no such " + place.kind() + ": " + where + " (404)";
            case 502, 503, 504 -> "nothing answers at " + where + " (status " + status + ")";
            default ->
                    "the API server did not open "
                            + where
                            + " (status "
                            + status
                            + ")"
                            + reason.map(said -> ": " + said).orElse("");
        };
    }
}
