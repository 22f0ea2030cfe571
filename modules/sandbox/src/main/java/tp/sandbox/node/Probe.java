package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * One question to a container, as a probe or a hook of its manifest says: connects, asks for a
 * page, or runs a program. A {@code grpc} probe only connects.
 */
final class Probe {

    /** Runs a program in the container. */
    interface Runner {
        Process run(List<String> command) throws IOException;
    }

    private static final int MAX_SAID = 1024;

    private final JsonNode spec;
    private final JsonNode container;
    private final InetAddress address;
    private final Runner runner;
    private final long timeoutMs;

    Probe(JsonNode spec, JsonNode container, InetAddress address, Runner runner) {
        this.spec = spec;
        this.container = container;
        this.address = address;
        this.runner = runner;
        this.timeoutMs = TimeUnit.SECONDS.toMillis(Json.number(spec, "/timeoutSeconds", 1));
    }

    boolean isCheap() {
        return !spec.has("exec");
    }

    /** {@return why it failed; empty where it did not} */
    Optional<String> failure() throws InterruptedException {
        try {
            if (spec.has("exec")) {
                return run(Json.texts(spec, "/exec/command"));
            } else if (spec.has("httpGet")) {
                return get(spec.path("httpGet"));
            } else if (spec.has("tcpSocket")) {
                connect(host(spec.path("tcpSocket")), spec.at("/tcpSocket/port")).close();
            } else if (spec.has("grpc")) {
                connect(address.getHostAddress(), spec.at("/grpc/port")).close();
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> run(List<String> command) throws IOException, InterruptedException {
        Process process = runner.run(command);
        try {
            process.getOutputStream().close();
            if (!process.waitFor(timeoutMs, TimeUnit.MILLISECONDS)) {
                return Optional.of("command timed out after " + timeoutMs / 1000 + "s");
            }
            return process.exitValue() == 0
                    ? Optional.empty()
                    : Optional.of(said(process.getInputStream()) + said(process.getErrorStream()));
        } finally {
            process.destroyForcibly();
        }
    }

    /** What a program has left running may hold its streams open. */
    private static String said(InputStream out) throws IOException {
        byte[] said = out.readNBytes(Math.min(MAX_SAID, out.available()));
        return new String(said, StandardCharsets.UTF_8).strip();
    }

    private Socket connect(String host, JsonNode port) throws IOException {
        int number = port.isNumber() ? port.asInt() : Ports.named(container, port.asString(""));
        Socket socket = new Socket();
        try {
            InetAddress to = InetAddress.ofLiteral(host);
            socket.connect(new InetSocketAddress(to, number), (int) timeoutMs);
            socket.setSoTimeout((int) timeoutMs);
            return socket;
        } catch (IOException | IllegalArgumentException e) {
            socket.close();
            throw new IOException("dial tcp " + host + ":" + number + ": " + e.getMessage(), e);
        }
    }

    private String host(JsonNode action) {
        return action.path("host").asString(address.getHostAddress());
    }

    /** A status from 200 to 399 is a success. */
    private Optional<String> get(JsonNode get) throws IOException {
        boolean secure = Json.text(get, "/scheme").equals("HTTPS");
        String host = host(get);
        try (Socket plain = connect(host, get.path("port"));
                Socket socket = secure ? AnyCertificate.over(plain, host) : plain) {
            StringBuilder request =
                    new StringBuilder("GET ")
                            .append(get.path("path").asString("/"))
                            .append(" HTTP/1.1\r\nConnection: close\r\nAccept: */*\r\n");
            request.append("User-Agent: kube-probe/1.33\r\n");
            boolean hasHost = false;
            for (JsonNode header : Json.items(get, "/httpHeaders")) {
                hasHost |= Json.text(header, "/name").equalsIgnoreCase("Host");
                request.append(Json.text(header, "/name"))
                        .append(": ")
                        .append(Json.text(header, "/value"))
                        .append("\r\n");
            }
            if (!hasHost) {
                request.append("Host: %s:%d\r\n".formatted(host, plain.getPort()));
            }
            byte[] bytes = request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(bytes);
            byte[] start = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            String status = new String(start, StandardCharsets.US_ASCII);
            return status.matches("HTTP/1\\.[01] [23]\\d\\d")
                    ? Optional.empty()
                    : Optional.of(
                            "HTTP probe failed with statuscode: "
                                    + status.substring(Math.min(status.length(), 9)));
        }
    }
}
