package tp.kube;

import io.fabric8.kubernetes.client.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A websocket (RFC 6455) of binary messages, which never blocks. Each message that is received has
 * to be followed by a {@link #request}, which is the back-pressure; the first is requested already.
 */
final class MessageSocket implements WebSocket.Listener, AutoCloseable {

    /** Called on a thread of the client's, one call after the other. */
    interface Listener {

        /**
         * @param message the listener's
         */
        void received(ByteBuffer message);

        /**
         * It is over, once, and not by {@link MessageSocket#close}.
         *
         * @param why one line for people
         */
        void ended(String why);
    }

    private static final int NORMAL_CLOSURE = 1000; // RFC 6455 §7.4.1

    private final Listener listener;
    private final Consumer<MessageSocket> whenClosed;
    private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();
    private final AtomicBoolean over = new AtomicBoolean();

    MessageSocket(Listener listener, Consumer<MessageSocket> whenClosed) {
        this.listener = listener;
        this.whenClosed = whenClosed;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        socket.complete(webSocket);
        if (over.get()) {
            webSocket.sendClose(NORMAL_CLOSURE, "");
        }
        webSocket.request();
    }

    @Override
    public void onMessage(WebSocket webSocket, String text) {
        end("the API server sent text where bytes were due");
    }

    @Override
    public void onMessage(WebSocket webSocket, ByteBuffer bytes) {
        if (over.get()) {
            webSocket.request(); // so that the closing handshake is reached
        } else {
            listener.received(bytes);
        }
    }

    @Override
    public void onClose(WebSocket webSocket, int code, String reason) {
        end("the API server closed the forwarded connections (websocket code " + code + ")");
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        end("the forwarded connections broke: " + Failures.oneLine(error));
    }

    private void end(String why) {
        if (over.compareAndSet(false, true)) {
            whenClosed.accept(this);
            listener.ended(why);
        }
    }

    /** Takes the bytes before it returns. */
    void send(ByteBuffer message) {
        WebSocket to = socket.getNow(null);
        if (to != null && message.hasRemaining() && !over.get() && !to.send(message)) {
            end("the forwarded connections broke while sending");
        }
    }

    /** {@return how much was sent and is not yet taken by the kernel} */
    long unsentBytes() {
        WebSocket to = socket.getNow(null);
        return to == null ? 0 : to.queueSize();
    }

    void request() {
        WebSocket from = socket.getNow(null);
        if (from != null) {
            from.request();
        }
    }

    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            whenClosed.accept(this);
            WebSocket open = socket.getNow(null);
            if (open != null) {
                open.sendClose(NORMAL_CLOSURE, "");
                open.request();
            }
        }
    }
}
