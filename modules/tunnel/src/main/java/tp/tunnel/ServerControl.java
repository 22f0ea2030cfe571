package tp.tunnel;

import io.netty.channel.Channel;
import tp.tunnel.Message.Goodbye;
import tp.tunnel.Message.Hello;
import tp.tunnel.Message.Ping;
import tp.tunnel.Message.Pong;
import tp.tunnel.Message.Reauthenticate;
import tp.tunnel.Message.Remap;

/** The manager's end of the control stream. */
final class ServerControl implements MessageStream.Receiver {

    /** A token, and as many namespaces as a request may name. */
    static final int MAX_HELLO_BYTES = 96 * 1024;

    private final ServerConnection connection;
    private final Channel stream;

    ServerControl(ServerConnection connection, Channel stream) {
        this.connection = connection;
        this.stream = stream;
    }

    void send(Message message) {
        if (stream.isActive()) {
            MessageStream.writeAndFlush(stream, message);
        }
    }

    void ask(long silenceMs) {
        send(new Ping(connection.loop().ticker().nanoTime(), silenceMs));
    }

    void mark(long number) {
        send(new Ping(number, 0));
    }

    @Override
    public void received(Message message) {
        switch (message) {
            case Hello hello -> connection.hello(this, hello.hello());
            case Ping ping -> send(connection.means().answer(ping));
            case Pong pong -> connection.means().answered(pong);
            case Reauthenticate fresh -> connection.renew(fresh.token());
            case Remap remap -> connection.remap(remap);
            case Goodbye goodbye -> connection.leave();
            default -> {
                MessageStream.release(message);
                connection.malformed();
                connection.close();
            }
        }
    }

    /** Whoever is not let in yet gets no more memory than a hello needs. */
    @Override
    public int maxBodyBytes() {
        return MAX_HELLO_BYTES;
    }

    /** A session is its control stream: it ends with it. */
    @Override
    public void closed() {
        connection.close();
    }
}
