package tp.sandbox.sample;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Serves one page under every path. Arguments: port, content type, name of the page's resource. */
public final class WebService {

    private static final int BACKLOG = 4096;

    private WebService() {}

    public static void main(String[] args) throws IOException {
        byte[] page = page(args[2]);
        HttpServer server =
                HttpServer.create(
                        new InetSocketAddress(Integer.parseInt(args[0])),
                        BACKLOG,
                        "/",
                        exchange -> answer(exchange, args[1], page));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        System.out.println("serving " + args[2] + " on port " + args[0]);
    }

    private static void answer(HttpExchange exchange, String type, byte[] page) throws IOException {
        try (exchange) {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            exchange.getResponseHeaders().set("Content-Type", type);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : page.length);
            if (!head) {
                exchange.getResponseBody().write(page);
            }
        }
    }

    private static byte[] page(String name) throws IOException {
        try (InputStream in = WebService.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no page " + name);
            }
            return in.readAllBytes();
        }
    }
}
