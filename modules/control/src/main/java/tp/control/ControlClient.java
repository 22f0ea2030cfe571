package tp.control;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tp.spi.common.TpException;

/** The command line's end: one request to the daemon of this user. */
public final class ControlClient implements AutoCloseable {

    private final ControlChannel channel;

    private ControlClient(ControlChannel channel) {
        this.channel = channel;
    }

    /** {@return a connection to the daemon, empty where none runs} */
    public static Optional<ControlClient> connect(RuntimeDirectory directory) {
        if (!Files.exists(directory.socket())) {
            return Optional.empty();
        }
        try {
            SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                socket.connect(UnixDomainSocketAddress.of(directory.socket()));
            } catch (ConnectException e) {
                // The socket of a daemon that was killed; the next one removes it.
                socket.close();
                return Optional.empty();
            } catch (SocketException e) {
                socket.close();
                if (!Files.exists(directory.socket())) {
                    return Optional.empty();
                }
                throw e;
            }
            return Optional.of(
                    new ControlClient(ControlChannel.checked(socket, directory.owner())));
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot talk to the daemon at " + directory.socket() + ": " + e.getMessage(),
                    "end the daemon and remove that file",
                    e);
        }
    }

    /**
     * Sends the request and waits for its reply.
     *
     * @param progress called for every line before the reply, on this thread
     * @return the reply, none of {@link Reply.Progress} and {@link Reply.Failed}
     * @throws TpException where the daemon said so, or vanished
     */
    public Reply ask(Request request, Consumer<Reply.Progress> progress) {
        try {
            channel.write(request);
            return next(progress);
        } catch (EOFException | SocketException e) {
            throw broken("the daemon ended before it answered", e);
        } catch (IOException | ClassCastException e) {
            throw broken("the daemon's answer cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * {@return what goes through the tunnel}
     *
     * @throws TpException where the daemon said why not, or vanished
     */
    public List<FlowEntry> flows() {
        List<FlowEntry> flows = new ArrayList<>();
        try {
            channel.write(new Request.Flows());
            for (boolean more = true; more; ) {
                Reply.Flows some = (Reply.Flows) next(step -> {});
                flows.addAll(some.flows());
                more = some.more();
            }
            return flows;
        } catch (EOFException | SocketException e) {
            throw broken("the daemon ended before it answered", e);
        } catch (IOException | ClassCastException e) {
            throw broken("the daemon's answer cannot be used: " + e.getMessage(), e);
        }
    }

    private Reply next(Consumer<Reply.Progress> progress) throws IOException {
        while (true) {
            switch ((Reply) channel.read()) {
                case Reply.Progress step -> progress.accept(step);
                case Reply.Failed failed -> throw failed.exception();
                case Reply reply -> {
                    return reply;
                }
            }
        }
    }

    /** Waits until the daemon is gone. */
    public void awaitEnd() {
        try {
            channel.awaitEnd();
        } catch (IOException e) {
            // Gone as well.
        }
    }

    private static TpException broken(String what, Exception cause) {
        return new TpException(
                TpException.Category.BUG,
                what,
                "see the log, whose place `tp version` tells",
                cause);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is owed to a socket that cannot be closed.
        }
    }
}
