package tp.sandbox.sample;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A store for bulk transfers. {@code GET /bytes?size=N} is a stream that is always the same for its
 * size, {@code GET /sha256?size=N} its SHA-256; a PUT or POST to any path is answered with the
 * SHA-256 of what arrived. Argument: port.
 */
public final class DataStore {

    private static final int CHUNK = 64 * 1024;
    private static final int PAGE = 4096;
    private static final long MAX_SIZE = 1L << 40;
    private static final int BACKLOG = 1024;

    private DataStore() {}

    /** Where the bytes of a stream go. */
    private interface Sink {
        void accept(byte[] bytes, int length) throws IOException;
    }

    public static void main(String[] args) throws IOException {
        HttpServer server =
                HttpServer.create(
                        new InetSocketAddress(Integer.parseInt(args[0])),
                        BACKLOG,
                        "/",
                        DataStore::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        System.out.println("storing on port " + args[0]);
    }

    private static void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestMethod()) {
                case "PUT", "POST" -> upload(exchange);
                case "GET" -> download(exchange);
                default -> text(exchange, 405, "use GET, PUT or POST\n");
            }
        }
    }

    private static void download(HttpExchange exchange) throws IOException {
        long size = size(exchange.getRequestURI().getQuery());
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/")) {
            text(
                    exchange,
                    200,
                    "verylargedatastore: /bytes?size=N, /sha256?size=N, PUT anything\n");
        } else if (size < 0) {
            text(exchange, 400, "say how many bytes: ?size=N\n");
        } else if (path.equals("/sha256")) {
            MessageDigest digest = sha256();
            stream(size, (bytes, length) -> digest.update(bytes, 0, length));
            text(exchange, 200, HexFormat.of().formatHex(digest.digest()) + "\n");
        } else if (path.equals("/bytes")) {
            exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
            exchange.sendResponseHeaders(200, size == 0 ? -1 : size);
            try (OutputStream out = exchange.getResponseBody()) {
                stream(size, (bytes, length) -> out.write(bytes, 0, length));
            }
        } else {
            text(exchange, 404, "no such thing\n");
        }
    }

    private static void upload(HttpExchange exchange) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[CHUNK];
        long total = 0;
        InputStream in = exchange.getRequestBody();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
            total += read;
        }
        exchange.getResponseHeaders().set("X-Size", Long.toString(total));
        text(exchange, 200, HexFormat.of().formatHex(digest.digest()) + "\n");
    }

    /** Every page of the stream begins with its own offset, so that no two pages are alike. */
    private static void stream(long size, Sink sink) throws IOException {
        byte[] chunk = new byte[CHUNK];
        for (int i = 0; i < CHUNK; i++) {
            chunk[i] = (byte) (i * 31 + (i >> 8) * 7);
        }
        for (long offset = 0; offset < size; offset += CHUNK) {
            for (int page = 0; page < CHUNK; page += PAGE) {
                long value = offset + page;
                for (int i = 0; i < Long.BYTES; i++) {
                    chunk[page + i] = (byte) (value >>> (8 * i));
                }
            }
            sink.accept(chunk, (int) Math.min(CHUNK, size - offset));
        }
    }

    private static long size(@Nullable String query) {
        if (query == null || !query.matches("size=[0-9]{1,13}")) {
            return -1;
        }
        long size = Long.parseLong(query.substring("size=".length()));
        return size > MAX_SIZE ? -1 : size;
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
