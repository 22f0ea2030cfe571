package tp.sandbox.api;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Write;

/** An HTTP request that has arrived as a whole. */
final class Request {

    private final String method;
    private final String path;
    private final String uri;
    private final Map<String, List<String>> query;
    private final HttpHeaders headers;
    private final byte[] body;

    private Request(FullHttpRequest http) {
        QueryStringDecoder decoder = new QueryStringDecoder(http.uri());
        this.method = http.method().name();
        this.path = decoder.path();
        this.uri = http.uri();
        this.query = decoder.parameters();
        this.headers = http.headers().copy();
        this.body = ByteBufUtil.getBytes(http.content());
    }

    static Request of(FullHttpRequest http) {
        return new Request(http);
    }

    String method() {
        return method;
    }

    String path() {
        return path;
    }

    /** {@return the query as it came, with its question mark; empty if there is none} */
    String queryText() {
        int query = uri.indexOf('?');
        return query < 0 ? "" : uri.substring(query);
    }

    /** {@return what follows {@code …/NAME/proxy}, as it came} */
    String proxiedPath() {
        String raw = uri.substring(0, uri.length() - queryText().length());
        // /api/v1/namespaces/NAMESPACE/services/NAME/proxy
        int end = 0;
        for (int i = 0; i < 7 && end >= 0; i++) {
            end = raw.indexOf('/', end + 1);
        }
        return end < 0 ? "" : raw.substring(end);
    }

    byte[] body() {
        return body;
    }

    boolean hasBody() {
        return body.length > 0;
    }

    /** {@return the parameter's first value, empty if there is none} */
    String parameter(String name) {
        List<String> values = query.getOrDefault(name, List.of());
        return values.isEmpty() ? "" : values.getFirst();
    }

    List<String> query(String name) {
        return query.getOrDefault(name, List.of());
    }

    boolean flag(String name) {
        String value = parameter(name);
        return query.containsKey(name)
                && (value.isEmpty() || value.equals("true") || value.equals("1"));
    }

    String header(CharSequence name) {
        String value = headers.get(name);
        return value == null ? "" : value;
    }

    List<String> headers(CharSequence name) {
        return headers.getAll(name);
    }

    List<Map.Entry<String, String>> allHeaders() {
        return headers.entries();
    }

    /** {@return the content type without its parameters} */
    String contentType() {
        String value = header(HttpHeaderNames.CONTENT_TYPE);
        int end = value.indexOf(';');
        return (end < 0 ? value : value.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    boolean wantsWebSocket() {
        return header(HttpHeaderNames.UPGRADE).equalsIgnoreCase("websocket");
    }

    Write write() {
        List<String> values = query.getOrDefault("dryRun", List.of());
        if (values.isEmpty()) {
            return Write.STORED;
        }
        if (values.equals(List.of("All"))) {
            return Write.DRY_RUN;
        }
        throw ApiException.badRequest(
                "invalid dry run value: Unsupported value: \"%s\": supported values: \"All\""
                        .formatted(values.getFirst()));
    }

    /** {@return the body's JSON} */
    JsonNode json() {
        try {
            JsonNode json = Json.MAPPER.readTree(body);
            if (json == null || json.isMissingNode()) {
                throw ApiException.badRequest("the request has no body");
            }
            return json;
        } catch (JacksonException e) {
            throw ApiException.badRequest("error decoding the request: " + e.getOriginalMessage());
        }
    }

    /** {@return the object in the body, which may be JSON or one of a few protobuf messages} */
    ObjectNode object() {
        switch (contentType()) {
            case "", "application/json", "text/plain" -> {}
            case Protobuf.CONTENT_TYPE -> {
                return Protobuf.decode(body);
            }
            case "application/yaml" -> {
                if (body.length == 0 || body[0] != '{') {
                    throw unsupported();
                }
            }
            default -> throw unsupported();
        }
        if (json() instanceof ObjectNode object) {
            return object;
        }
        throw ApiException.badRequest("the body is no JSON object");
    }

    private ApiException unsupported() {
        return ApiException.plain(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include:"
                        + " application/json (got: "
                        + contentType()
                        + ")");
    }
}
