package tp.sandbox.api;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.Meta;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/** What streams out of and into pods: logs and forwarded ports. */
final class PodStreams {

    static final String CHANNELS = "v4.channel.k8s.io";
    static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";

    private static final String SPDY = "SPDY/3.1";
    private static final String SPDY_STREAMS = "portforward.k8s.io";
    private static final int LOG_CHUNK = 16 << 10;
    private static final int SPDY_CHUNK = 64 << 10;
    private static final int SPDY_HEADERS = 16 << 10;
    private static final int MAX_PORTS = 32;

    private final ObjectStore store;
    private final PodAccess access;

    PodStreams(ObjectStore store, PodAccess access) {
        this.store = store;
        this.access = access;
    }

    private ObjectNode pod(Target target) {
        return store.get(Resources.PODS, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(Resources.PODS, target.name()));
    }

    void log(Exchange exchange, Target target) throws IOException {
        Request request = exchange.request();
        if (!request.method().equals("GET")) {
            throw ResourceApi.methodNotAllowed();
        }
        ObjectNode pod = pod(target);
        requireStarted(pod, container(pod, request.parameter("container"), target.name()));
        PodAccess.LogRequest wanted =
                new PodAccess.LogRequest(
                        container(pod, request.parameter("container"), target.name()),
                        request.flag("follow"),
                        number(request, "tailLines", -1),
                        request.flag("previous"),
                        request.flag("timestamps"),
                        since(request));
        try (InputStream log = access.logs(pod, wanted)) {
            Exchange.Sink sink = exchange.stream("text/plain");
            byte[] buffer = new byte[LOG_CHUNK];
            for (int count = log.read(buffer); count >= 0; count = log.read(buffer)) {
                if (count > 0) {
                    sink.send(Arrays.copyOf(buffer, count));
                }
            }
            sink.end();
        }
    }

    private static String container(ObjectNode pod, String asked, String podName) {
        List<String> names = PodConsole.containers(pod);
        if (asked.isEmpty() && names.size() > 1) {
            throw ApiException.badRequest(
                    "a container name must be specified for pod %s, choose one of: %s"
                            .formatted(podName, names.toString().replace(",", "")));
        }
        boolean isInitial =
                pod.at("/spec/initContainers")
                        .valueStream()
                        .anyMatch(first -> first.path("name").asString("").equals(asked));
        if (!asked.isEmpty() && !isInitial && !names.contains(asked)) {
            throw ApiException.badRequest(
                    "container %s is not valid for pod %s".formatted(asked, podName));
        }
        return asked.isEmpty() ? names.getFirst() : asked;
    }

    private static void requireStarted(ObjectNode pod, String name) {
        for (JsonNode status : pod.at("/status/containerStatuses")) {
            String reason = status.at("/state/waiting/reason").asString("");
            boolean hasRun = status.path("restartCount").asInt(0) > 0;
            if (status.path("name").asString("").equals(name) && !reason.isEmpty() && !hasRun) {
                throw ApiException.badRequest(
                        "container \"%s\" in pod \"%s\" is waiting to start: %s"
                                .formatted(name, Meta.name(pod), reason));
            }
        }
    }

    private static Instant since(Request request) {
        String time = request.parameter("sinceTime");
        int seconds = number(request, "sinceSeconds", -1);
        try {
            return !time.isEmpty()
                    ? Instant.parse(time)
                    : seconds < 0 ? Instant.MIN : Instant.now().minusSeconds(seconds);
        } catch (DateTimeParseException e) {
            throw ApiException.badRequest("sinceTime: \"%s\" is no time".formatted(time));
        }
    }

    private static int number(Request request, String name, int otherwise) {
        String text = request.parameter(name);
        try {
            return text.isEmpty() ? otherwise : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw ApiException.badRequest("%s: \"%s\" is no number".formatted(name, text));
        }
    }

    void exec(Exchange exchange, Target target) throws IOException {
        ObjectNode pod = pod(target);
        String asked = exchange.request().parameter("container");
        new PodConsole(access).exec(exchange, pod, container(pod, asked, target.name()));
    }

    void attach(Exchange exchange, Target target) throws IOException {
        ObjectNode pod = pod(target);
        String asked = exchange.request().parameter("container");
        String container = container(pod, asked, target.name());
        new PodConsole(access)
                .attach(
                        exchange,
                        pod,
                        new PodAccess.LogRequest(
                                container, true, 0, false, false, java.time.Instant.MIN));
    }

    void portForward(Exchange exchange, Target target) throws IOException {
        Request request = exchange.request();
        ObjectNode pod = pod(target);
        if (!pod.at("/status/phase").asString("").equals("Running")) {
            throw ApiException.badRequest(
                    "unable to forward port because pod is not running. Current status=%s"
                            .formatted(pod.at("/status/phase").asString("")));
        }
        if (request.wantsWebSocket()) {
            webSocket(exchange, pod);
        } else if (request.header(HttpHeaderNames.UPGRADE).equalsIgnoreCase(SPDY)) {
            spdy(exchange, pod);
        } else {
            throw ApiException.badRequest("Upgrade request required");
        }
    }

    private void webSocket(Exchange exchange, ObjectNode pod) throws IOException {
        Request request = exchange.request();
        List<String> offered =
                Arrays.stream(request.header(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).split(",", -1))
                        .map(String::strip)
                        .toList();
        if (offered.contains(TUNNEL)) {
            exchange.upgrade(
                    TUNNEL,
                    List.of(
                            new WebSocketControl(),
                            new WebSocketBytes(),
                            new SpdyReads(),
                            spdyCodec(),
                            new SpdyPortForward(new PodPorts(access, pod))));
        } else if (offered.contains(CHANNELS)) {
            exchange.upgrade(
                    CHANNELS,
                    List.of(
                            new WebSocketControl(),
                            new ChannelPortForward(new PodPorts(access, pod), ports(request))));
        } else {
            throw ApiException.badRequest(
                    "unable to upgrade: the server knows the websocket subprotocols %s and %s"
                            .formatted(CHANNELS, TUNNEL));
        }
    }

    private void spdy(Exchange exchange, ObjectNode pod) throws IOException {
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.SWITCHING_PROTOCOLS,
                        Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.UPGRADE, SPDY)
                .set("X-Stream-Protocol-Version", SPDY_STREAMS);
        exchange.switchProtocol(
                response,
                List.of(
                        new SpdyReads(),
                        spdyCodec(),
                        new SpdyPortForward(new PodPorts(access, pod))));
    }

    private static SpdyFrameCodec spdyCodec() {
        // Compression as in Netty's own default: level, window and memory of RFC 1950's deflate.
        return new SpdyFrameCodec(SpdyVersion.SPDY_3_1, SPDY_CHUNK, SPDY_HEADERS, 6, 15, 8);
    }

    private static List<Integer> ports(Request request) {
        List<Integer> ports = new ArrayList<>();
        for (String list : request.query("ports")) {
            for (String text : list.split(",", -1)) {
                try {
                    int port = Integer.parseInt(text.strip());
                    if (port < 1 || port > 65_535) {
                        throw ApiException.badRequest("invalid port " + port);
                    }
                    ports.add(port);
                } catch (NumberFormatException e) {
                    throw ApiException.badRequest("invalid port \"" + text + "\"");
                }
            }
        }
        if (ports.isEmpty() || ports.size() > MAX_PORTS) {
            throw ApiException.badRequest("query parameter \"ports\" is required");
        }
        return ports;
    }
}
