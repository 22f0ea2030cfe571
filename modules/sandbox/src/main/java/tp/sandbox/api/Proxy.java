package tp.sandbox.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import tp.sandbox.store.ApiException;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;

/**
 * {@code services/proxy} and {@code pods/proxy}: passes a request on to a pod, and its answer back.
 * After an upgrade bytes go both ways as they are.
 */
final class Proxy {

    private static final int CHUNK = 32 << 10;
    private static final int MAX_HEAD = 64 << 10;

    /** Only for one hop (RFC 9110 §7.6.1), or for this server and not for what is behind it. */
    private static final Set<String> NOT_PASSED =
            Set.of(
                    "authorization",
                    "connection",
                    "proxy-connection",
                    "keep-alive",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "content-length",
                    "upgrade");

    private final ObjectStore store;
    private final PodAccess access;

    Proxy(ObjectStore store, PodAccess access) {
        this.store = store;
        this.access = access;
    }

    void serve(Exchange exchange, ResourceType type, Target target) throws IOException {
        Request request = exchange.request();
        ProxyTarget to = ProxyTarget.find(store, type, target);
        String path = request.proxiedPath();
        boolean isUpgrade = !request.header(HttpHeaderNames.UPGRADE).isEmpty();
        if (path.isEmpty() && !isUpgrade && Set.of("GET", "HEAD").contains(request.method())) {
            exchange.redirect(request.path() + "/" + request.queryText());
            return;
        }
        byte[] head = head(request, (path.isEmpty() ? "/" : path) + request.queryText(), isUpgrade);
        try (Socket socket = connect(to)) {
            OutputStream out = socket.getOutputStream();
            out.write(head);
            out.write(request.body());
            out.flush();
            if (isUpgrade) {
                upgrade(exchange, socket);
            } else {
                relay(exchange, socket.getInputStream());
                exchange.closeIfAsked();
            }
        } catch (IOException e) {
            if (exchange.hasBegun()) {
                exchange.cutShort();
                throw e;
            }
            throw ApiException.plain(
                    503, "ServiceUnavailable", "error trying to reach service: " + e.getMessage());
        }
    }

    private Socket connect(ProxyTarget to) throws IOException {
        SocketChannel channel = access.connect(to.pod(), to.port());
        Socket socket = channel.socket();
        if (!to.isTls()) {
            return socket;
        }
        try {
            // A real API server does not verify what is behind a proxied name either.
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Unverified()}, null);
            SSLSocket secured =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(socket, "localhost", to.port(), true);
            secured.startHandshake();
            return secured;
        } catch (GeneralSecurityException e) {
            channel.close();
            throw new IOException("this JDK has no TLS", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static byte[] head(Request request, String path, boolean isUpgrade) {
        StringBuilder head = new StringBuilder();
        head.append(request.method()).append(' ').append(path).append(" HTTP/1.1\r\n");
        for (Map.Entry<String, String> header : request.allHeaders()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!NOT_PASSED.contains(name) && !name.startsWith("impersonate-")) {
                line(head, header.getKey(), header.getValue());
            }
        }
        line(head, "X-Forwarded-Uri", request.path());
        line(head, "X-Forwarded-Host", request.header(HttpHeaderNames.HOST));
        line(head, "X-Forwarded-Proto", "https");
        if (isUpgrade) {
            line(head, "Connection", "Upgrade");
            line(head, "Upgrade", request.header(HttpHeaderNames.UPGRADE));
        } else {
            line(head, "Connection", "close");
        }
        if (request.hasBody() || !Set.of("GET", "HEAD", "DELETE").contains(request.method())) {
            line(head, "Content-Length", Integer.toString(request.body().length));
        }
        return head.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    private static void line(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
    }

    /** Sends an answer on, bit by bit as it comes. */
    private static void relay(Exchange exchange, InputStream from) throws IOException {
        boolean isHead = exchange.request().method().equals("HEAD");
        EmbeddedChannel decoder = new EmbeddedChannel(new Responses(isHead));
        byte[] buffer = new byte[CHUNK];
        try {
            boolean isOver = false;
            while (!isOver) {
                int count = from.read(buffer);
                if (count < 0) {
                    decoder.finish();
                } else {
                    decoder.writeInbound(Unpooled.copiedBuffer(buffer, 0, count));
                }
                isOver = passOn(decoder, exchange);
                if (count < 0 && !isOver) {
                    if (!exchange.hasBegun()) {
                        throw new IOException("EOF");
                    }
                    exchange.cutShort();
                    return;
                }
            }
        } finally {
            decoder.finishAndReleaseAll();
        }
    }

    /** {@return whether the answer has come to its end} */
    private static boolean passOn(EmbeddedChannel decoder, Exchange exchange) throws IOException {
        boolean isOver = false;
        for (Object part = decoder.readInbound(); part != null; part = decoder.readInbound()) {
            if (part instanceof HttpMessage message) {
                if (message.decoderResult().isFailure()) {
                    ReferenceCountUtil.release(part);
                    throw new IOException("the answer is no HTTP");
                }
                message.headers().remove(HttpHeaderNames.CONNECTION);
                boolean hasEnd =
                        HttpUtil.isContentLengthSet(message)
                                || HttpUtil.isTransferEncodingChunked(message);
                if (!hasEnd) {
                    message.headers()
                            .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
                }
            }
            isOver |= part instanceof LastHttpContent;
            exchange.pass(part);
        }
        return isOver;
    }

    private static final class Responses extends HttpResponseDecoder {

        private final boolean isHead;

        Responses(boolean isHead) {
            super(MAX_HEAD, MAX_HEAD, CHUNK);
            this.isHead = isHead;
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return isHead || super.isContentAlwaysEmpty(message);
        }
    }

    private static void upgrade(Exchange exchange, Socket socket) throws IOException {
        InputStream from = socket.getInputStream();
        byte[] head = answerHead(from);
        FullHttpResponse response = upgraded(head);
        if (response.status().code() != 101) {
            // As a real API server does: what was answered instead, to its end, and no more.
            relay(exchange, new SequenceInputStream(new ByteArrayInputStream(head), from));
            exchange.cutShort();
            return;
        }
        Inbox inbox = new Inbox();
        Exchange.Sink sink = exchange.bytes(response, inbox);
        Thread.startVirtualThread(() -> feed(inbox, socket));
        byte[] buffer = new byte[CHUNK];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            sink.send(Arrays.copyOf(buffer, count));
        }
        sink.end();
    }

    /** Reads to the end of an answer's head and no further. */
    private static byte[] answerHead(InputStream from) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = from.read();
            if (next < 0 || head.size() > MAX_HEAD) {
                throw new IOException("the answer to the upgrade is cut short");
            }
            head.write(next);
        }
        return head.toByteArray();
    }

    private static FullHttpResponse upgraded(byte[] head) throws IOException {
        EmbeddedChannel decoder = new EmbeddedChannel(new HttpResponseDecoder());
        try {
            decoder.writeInbound(Unpooled.wrappedBuffer(head));
            @Nullable HttpResponse read = decoder.readInbound();
            if (read == null || read.decoderResult().isFailure()) {
                throw new IOException("the answer to the upgrade is no HTTP");
            }
            FullHttpResponse response =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1, read.status(), Unpooled.EMPTY_BUFFER);
            response.headers().set(read.headers());
            return response;
        } finally {
            decoder.finishAndReleaseAll();
        }
    }

    private static void feed(Inbox inbox, Socket socket) {
        try {
            OutputStream out = socket.getOutputStream();
            for (var next = inbox.take(); next.isPresent(); next = inbox.take()) {
                out.write(next.get());
                out.flush();
            }
            socket.close();
        } catch (IOException e) {
            // The pod is gone; its own direction has ended too.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
