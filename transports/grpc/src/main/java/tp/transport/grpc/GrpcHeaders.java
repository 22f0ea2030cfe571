package tp.transport.grpc;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** Requests, responses and trailers as gRPC has them. */
final class GrpcHeaders {

    static final AsciiString STREAM = AsciiString.cached("/tp.v1.Tunnel/Stream");
    static final AsciiString PIPE = AsciiString.cached("/tp.v1.Tunnel/Pipe");
    static final AsciiString HEALTH_CHECK = AsciiString.cached("/grpc.health.v1.Health/Check");
    static final AsciiString HEALTH_WATCH = AsciiString.cached("/grpc.health.v1.Health/Watch");

    static final AsciiString STATUS = AsciiString.cached("grpc-status");
    static final AsciiString MESSAGE = AsciiString.cached("grpc-message");
    static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");

    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString USER_AGENT = AsciiString.cached("user-agent");
    private static final AsciiString TP = AsciiString.cached("tp");
    private static final AsciiString POST = AsciiString.cached("POST");
    private static final AsciiString FINE = AsciiString.cached("200");
    private static final AsciiString NOT_GRPC = AsciiString.cached("415");

    private GrpcHeaders() {}

    static Http2HeadersFrame request(CharSequence path, CharSequence authority, boolean secure) {
        Http2Headers headers =
                new DefaultHttp2Headers(false)
                        .method(POST)
                        .scheme(secure ? "https" : "http")
                        .path(path)
                        .authority(authority)
                        .set(CONTENT_TYPE, GRPC)
                        .set(TE, TRAILERS)
                        .set(USER_AGENT, TP);
        return new DefaultHttp2HeadersFrame(headers, false);
    }

    static Http2HeadersFrame response() {
        return new DefaultHttp2HeadersFrame(responseHeaders(), false);
    }

    private static Http2Headers responseHeaders() {
        return new DefaultHttp2Headers(false).status(FINE).set(CONTENT_TYPE, GRPC);
    }

    /** The end of a response that began. */
    static Http2HeadersFrame trailers(GrpcStatus status, String message) {
        return ended(new DefaultHttp2Headers(false), status, message);
    }

    /** A whole response that is nothing but an end. */
    static Http2HeadersFrame trailersOnly(GrpcStatus status, String message) {
        return ended(responseHeaders(), status, message);
    }

    /**
     * @param message printable, without a percent sign: then nothing of it has to be encoded
     */
    private static Http2HeadersFrame ended(
            Http2Headers headers, GrpcStatus status, String message) {
        headers.set(STATUS, status.code());
        if (!message.isEmpty()) {
            headers.set(MESSAGE, message);
        }
        return new DefaultHttp2HeadersFrame(headers, true);
    }

    /** What gRPC has for a request that is none of its own. */
    static Http2HeadersFrame unsupported() {
        return new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).status(NOT_GRPC), true);
    }

    static boolean isCall(Http2Headers headers) {
        return POST.contentEquals(text(headers.method()))
                && isGrpc(headers.get(CONTENT_TYPE))
                && headers.path() != null;
    }

    /** Of protobuf, which is what no suffix means. */
    static boolean isGrpc(@Nullable CharSequence contentType) {
        String type = AsciiString.of(text(contentType)).toLowerCase().toString();
        return type.equals("application/grpc")
                || type.startsWith("application/grpc;")
                || type.startsWith("application/grpc+proto");
    }

    private static CharSequence text(@Nullable CharSequence value) {
        return value == null ? "" : value;
    }
}
