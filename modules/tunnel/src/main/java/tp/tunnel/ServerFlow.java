package tp.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Open;
import tp.tunnel.Message.Reset;
import tp.tunnel.Message.Resume;
import tp.tunnel.Message.Unreachable;

/**
 * The manager's end of a flow, TCP or of datagrams: asked for, allowed, dialed, joined. On the
 * event loop.
 */
final class ServerFlow implements MessageStream.Receiver {

    private final ServerConnection connection;
    private final Channel stream;

    private @Nullable Open open;
    private @Nullable Dial dial;
    private @Nullable Flow flow;
    private @Nullable ServerDatagrams datagrams;
    private long window;
    private boolean dialing;
    private boolean over;

    ServerFlow(ServerConnection connection, Channel stream) {
        this.connection = connection;
        this.stream = stream;
    }

    @Override
    public void received(Message message) {
        if (message instanceof Open first && open == null) {
            opened(first);
        } else if (message instanceof Resume) {
            // Flows are not kept after their link is lost: none can go on.
            MessageStream.write(stream, new Reset(0));
            MessageStream.end(stream);
        } else if (flow != null) {
            flow.received(message);
        } else if (datagrams != null) {
            datagrams.received(message);
        } else {
            MessageStream.release(message);
            if (!over) {
                connection.malformed();
            }
            stream.close();
        }
    }

    private void opened(Open first) {
        open = first;
        SessionGrant grant = connection.grant();
        if (grant == null || !connection.add(this)) {
            dialed(DialOutcome.TUNNEL_DOWN);
            return;
        }
        InetSocketAddress target = first.target();
        datagrams =
                switch (first.protocol()) {
                    case TCP -> null;
                    case UDP -> new ServerUdp(connection, stream, first.flowId(), target);
                    case ECHO ->
                            new ServerEcho(connection, stream, first.flowId(), target.getAddress());
                };
        Thread.ofVirtual()
                .name("tp-dial")
                .start(
                        () -> {
                            DialOutcome verdict = ask(grant::mayReach, target);
                            connection.loop().execute(() -> allowed(verdict));
                        });
    }

    private static DialOutcome ask(
            BiFunction<InetAddress, Integer, DialOutcome> rule, InetSocketAddress target) {
        try {
            return rule.apply(target.getAddress(), target.getPort());
        } catch (RuntimeException e) {
            return DialOutcome.PROHIBITED;
        }
    }

    private void allowed(DialOutcome verdict) {
        Open asked = open;
        if (over || asked == null) {
            return;
        }
        if (datagrams != null) {
            datagrams.allowed(verdict);
        } else if (verdict != DialOutcome.ESTABLISHED) {
            dialed(verdict);
        } else {
            dialing = true;
            connection.dials().incrementAndGet();
            dial = Dial.start(connection.loop(), asked.target(), this::connected, this::dialed);
        }
    }

    private void connected(SocketChannel socket) {
        dialEnded();
        Open asked = open;
        if (over || asked == null) {
            Flow.resetSocket(socket);
            return;
        }
        connection.counters().openFlows.incrementAndGet();
        window = connection.budget().take();
        Flow joined = new Flow(stream, window, connection.means(), this::ended);
        flow = joined;
        MessageStream.writeAndFlush(stream, new Dialed(DialOutcome.ESTABLISHED, 0, window));
        joined.credited(asked.credit());
        joined.attach(socket);
    }

    private void dialed(DialOutcome failure) {
        dialEnded();
        if (!over) {
            MessageStream.write(stream, new Dialed(failure, 0, 0));
            MessageStream.end(stream);
        }
    }

    private void dialEnded() {
        if (dialing) {
            dialing = false;
            connection.dials().decrementAndGet();
        }
    }

    private void ended() {
        connection.remove(this);
        connection.counters().openFlows.decrementAndGet();
        connection.budget().giveBack(window);
    }

    /** Rules changed: a flow whose target is no longer allowed is reset. */
    void recheck() {
        SessionGrant grant = connection.grant();
        Open asked = open;
        if (grant == null || asked == null) {
            return;
        }
        Thread.ofVirtual()
                .name("tp-recheck")
                .start(
                        () -> {
                            if (ask(grant::mayStay, asked.target()) != DialOutcome.ESTABLISHED) {
                                connection.loop().execute(this::forbid);
                            }
                        });
    }

    private void forbid() {
        if (flow != null) {
            flow.reset();
        } else if (datagrams != null) {
            MessageStream.write(stream, new Unreachable(DialOutcome.PROHIBITED));
            MessageStream.end(stream);
        } else {
            stream.close();
        }
    }

    @Override
    public void receivedAll() {
        if (flow != null) {
            flow.receivedAll();
        }
    }

    @Override
    public void writabilityChanged() {
        if (flow != null) {
            flow.readMore();
        }
    }

    @Override
    public void closed() {
        over = true;
        if (flow == null) {
            connection.remove(this);
        }
        if (dial != null) {
            dial.cancel();
            dialEnded();
        }
        if (flow != null) {
            flow.streamClosed();
        }
        if (datagrams != null) {
            datagrams.close();
        }
    }
}
