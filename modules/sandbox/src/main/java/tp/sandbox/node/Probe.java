package tp.sandbox.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** A container's readinessProbe: connects, or asks for a page, from the node. */
final class Probe {

    /** A program that has just started is asked more often than its manifest says. */
    private static final long EAGER_MS = 150;

    private final JsonNode spec;
    private final JsonNode container;
    private final InetAddress address;

    private Probe(JsonNode spec, JsonNode container, InetAddress address) {
        this.spec = spec;
        this.container = container;
        this.address = address;
    }

    /** Keeps a container's readiness up to date for as long as the container lives. */
    static void watch(Container container, InetAddress address) throws InterruptedException {
        JsonNode spec = container.spec().path("readinessProbe");
        Probe probe = new Probe(spec, container.spec(), address);
        long periodMs = TimeUnit.SECONDS.toMillis(Json.number(spec, "/periodSeconds", 10));
        long delayMs = TimeUnit.SECONDS.toMillis(Json.number(spec, "/initialDelaySeconds", 0));
        int failuresAllowed = Json.number(spec, "/failureThreshold", 3);
        int failures = 0;
        Thread.sleep(delayMs);
        while (!container.hasEnded()) {
            boolean passed = container.isRunning() && (spec.isMissingNode() || probe.passes());
            failures = passed ? 0 : failures + 1;
            if (passed || failures >= failuresAllowed || !container.isRunning()) {
                container.ready(passed);
            }
            Thread.sleep(container.isReady() ? periodMs : Math.min(EAGER_MS, periodMs));
        }
    }

    private boolean passes() {
        if (spec.has("tcpSocket")) {
            return answers(port(spec.at("/tcpSocket/port")), "");
        } else if (spec.has("httpGet")) {
            String path = spec.at("/httpGet/path").asString("/");
            return answers(port(spec.at("/httpGet/port")), path);
        }
        // Probes that run a program are not supported; the container counts as ready.
        return true;
    }

    /** Connects, and where there is a path asks for it: a status from 200 to 399 is a success. */
    private boolean answers(int port, String path) {
        int timeoutMs = 1000 * Json.number(spec, "/timeoutSeconds", 1);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), timeoutMs);
            if (path.isEmpty()) {
                return true;
            }
            socket.setSoTimeout(timeoutMs);
            String request =
                    "GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n"
                            .formatted(path, address.getHostAddress(), port);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            byte[] start = socket.getInputStream().readNBytes("HTTP/1.1 2".length());
            return new String(start, StandardCharsets.US_ASCII).matches("HTTP/1\\.[01] [23]");
        } catch (IOException e) {
            return false;
        }
    }

    private int port(JsonNode port) {
        return port.isNumber() ? port.asInt() : Ports.named(container, port.asString(""));
    }
}
