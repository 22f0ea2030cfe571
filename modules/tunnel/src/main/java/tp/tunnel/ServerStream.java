package tp.tunnel;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** The manager's end of a stream that carries a flow. On the connection's event loop. */
abstract class ServerStream implements MessageStream.Receiver {

    private final ServerConnection connection;
    private final Channel stream;

    ServerStream(ServerConnection connection, Channel stream) {
        this.connection = connection;
        this.stream = stream;
    }

    ServerConnection connection() {
        return connection;
    }

    Channel stream() {
        return stream;
    }

    /** {@return the flow of TCP that was on this stream first or last; none before there is one} */
    abstract @Nullable KeptFlow flow();

    /** {@return the same, if it is on this stream now} */
    @Nullable Flow here() {
        KeptFlow mine = flow();
        return mine != null && mine.isOn(this) ? mine.flow() : null;
    }

    /** Rules changed: a flow whose target is no longer allowed is reset. */
    abstract void recheck();

    /** The flow has gone to another stream, or has ended. */
    void left(long window) {
        connection.remove(this);
        connection.counters().openFlows.decrementAndGet();
        connection.budget().giveBack(window);
    }

    @Override
    public void receivedAll() {
        Flow mine = here();
        if (mine != null) {
            mine.receivedAll();
        }
    }

    @Override
    public void writabilityChanged() {
        Flow mine = here();
        if (mine != null) {
            mine.readMore();
        }
    }

    @Override
    public void closed() {
        KeptFlow mine = flow();
        if (mine != null && mine.isOn(this)) {
            mine.streamClosed();
        } else {
            connection.remove(this);
        }
    }
}
