package tp.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** The daemon's end. Each connection is served on a virtual thread of its own, a few at a time. */
public final class ControlServer implements AutoCloseable {

    /** Answers one request. */
    @FunctionalInterface
    public interface Handler {

        /**
         * @param replies takes the replies in order, the last of them ends the connection; throws
         *     {@link UncheckedIOException} where the command line is gone
         */
        void handle(Request request, Consumer<Reply> replies);

        /**
         * The command line went away, killed perhaps, while its request is handled.
         *
         * @param handling the thread that handles it, or has done so by now
         */
        default void left(Thread handling) {}
    }

    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());
    private static final int MAX_CONNECTIONS = 16;

    private final RuntimeDirectory directory;
    private final ServerSocketChannel listener;
    private final Handler handler;
    private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);

    private ControlServer(
            RuntimeDirectory directory, ServerSocketChannel listener, Handler handler) {
        this.directory = directory;
        this.listener = listener;
        this.handler = handler;
    }

    /** The caller has made sure that no other daemon uses this directory. */
    public static ControlServer start(RuntimeDirectory directory, Handler handler)
            throws IOException {
        Files.deleteIfExists(directory.socket());
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(directory.socket()));
        ControlServer server = new ControlServer(directory, listener, handler);
        Thread.ofVirtual().name("control").start(server::accept);
        return server;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel socket = listener.accept();
                slots.acquireUninterruptibly();
                Thread.ofVirtual().name("control-peer").start(() -> serve(socket));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "control socket: {0}", e.getMessage());
            }
        }
    }

    private void serve(SocketChannel socket) {
        try (ControlChannel channel = ControlChannel.checked(socket, directory.owner())) {
            if (channel.read() instanceof Request request) {
                serve(request, channel);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.log(System.Logger.Level.INFO, "control connection: {0}", e.getMessage());
        } finally {
            slots.release();
        }
    }

    /** Whoever asked is told also of what must not happen, and the log has it. */
    private void serve(Request request, ControlChannel channel) throws IOException {
        Thread handling = Thread.currentThread();
        Thread.ofVirtual().name("control-watch").start(() -> watch(channel, handling));
        try {
            handler.handle(request, reply -> write(channel, reply));
        } catch (UncheckedIOException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "serving " + request.getClass().getSimpleName(), e);
            channel.write(Reply.Failed.bug(e));
        }
    }

    private void watch(ControlChannel channel, Thread handling) {
        try {
            channel.awaitEnd();
            handler.left(handling);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "answered", e);
        }
    }

    private static void write(ControlChannel channel, Reply reply) {
        try {
            channel.write(reply);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the socket; connections that are being served go on. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(directory.socket());
            listener.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "control socket: {0}", e.getMessage());
        }
    }
}
