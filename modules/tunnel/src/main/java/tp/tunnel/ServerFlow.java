package tp.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Open;
import tp.tunnel.Message.Reset;
import tp.tunnel.Message.Unreachable;

/**
 * A stream that asks for a flow, TCP or of datagrams: asked for, allowed, dialed, joined. On the
 * event loop.
 */
final class ServerFlow extends ServerStream {

    private final DialTurns.Dialer dialer = this::dial;
    private @Nullable Open open;
    private @Nullable Dial dial;
    private @Nullable KeptFlow flow;
    private @Nullable ServerDatagrams datagrams;
    private boolean dialing;
    private boolean over;

    ServerFlow(ServerConnection connection, Channel stream) {
        super(connection, stream);
    }

    @Override
    @Nullable KeptFlow flow() {
        return flow;
    }

    @Override
    public void received(Message message) {
        Flow joined = here();
        if (message instanceof Open first && open == null) {
            opened(first);
        } else if (joined != null) {
            joined.received(message);
        } else if (flow != null) {
            MessageStream.release(message); // it has gone to another stream
        } else if (datagrams != null) {
            datagrams.received(message);
        } else if (message instanceof Reset && open != null) {
            stream().close(); // nobody waits for the dial any more
        } else {
            MessageStream.release(message);
            if (!over) {
                connection().malformed();
            }
            stream().close();
        }
    }

    private void opened(Open first) {
        open = first;
        SessionGrant grant = connection().grant();
        if (grant == null || !connection().add(this)) {
            dialed(DialOutcome.TUNNEL_DOWN);
            return;
        }
        InetSocketAddress target = first.target();
        datagrams =
                switch (first.protocol()) {
                    case TCP -> null;
                    case UDP -> new ServerUdp(connection(), stream(), first.flowId(), target);
                    case ECHO ->
                            new ServerEcho(
                                    connection(), stream(), first.flowId(), target.getAddress());
                };
        connection()
                .outside()
                .ask(
                        "tp-dial",
                        () -> {
                            DialOutcome verdict = ask(grant::mayReach, target);
                            connection().loop().execute(() -> allowed(verdict));
                        });
    }

    /** {@return what the rules say, which may block} */
    static DialOutcome ask(
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
            connection().dialTurns().ask(dialer);
        }
    }

    private boolean dial() {
        Open asked = open;
        if (over || asked == null) {
            return false;
        }
        dialing = true;
        connection().dials().incrementAndGet();
        EventLoop loop = connection().loop();
        dial =
                Dial.start(
                        loop,
                        connection().outside().sockets(loop),
                        asked.target(),
                        this::connected,
                        this::dialed);
        return true;
    }

    private void connected(SocketChannel socket) {
        dialEnded();
        Open asked = open;
        if (over || asked == null) {
            Flow.resetSocket(socket);
            return;
        }
        connection().counters().openFlows.incrementAndGet();
        long window = connection().budget().take();
        KeptFlow joined = connection().keep(asked, window, this);
        flow = joined;
        MessageStream.writeAndFlush(stream(), new Dialed(DialOutcome.ESTABLISHED, 0, window));
        joined.flow().credited(asked.credit());
        joined.flow().attach(socket);
        joined.begun();
    }

    private void dialed(DialOutcome failure) {
        dialEnded();
        if (!over) {
            MessageStream.write(stream(), new Dialed(failure, 0, 0));
            MessageStream.end(stream());
        }
    }

    private void dialEnded() {
        if (dialing) {
            dialing = false;
            connection().dials().decrementAndGet();
            connection().dialTurns().ended();
        }
    }

    @Override
    void recheck() {
        SessionGrant grant = connection().grant();
        Open asked = open;
        if (grant != null && asked != null) {
            recheck(connection(), grant, asked.target(), this::forbid);
        }
    }

    static void recheck(
            ServerConnection connection,
            SessionGrant grant,
            InetSocketAddress target,
            Runnable forbid) {
        connection
                .outside()
                .ask(
                        "tp-recheck",
                        () -> {
                            if (ask(grant::mayStay, target) != DialOutcome.ESTABLISHED) {
                                connection.loop().execute(forbid);
                            }
                        });
    }

    private void forbid() {
        KeptFlow joined = flow;
        if (joined != null) {
            joined.flow().onLoop(joined.flow()::reset);
        } else if (datagrams != null) {
            MessageStream.write(stream(), new Unreachable(DialOutcome.PROHIBITED));
            MessageStream.end(stream());
        } else {
            stream().close();
        }
    }

    @Override
    public void closed() {
        over = true;
        super.closed();
        connection().dialTurns().forget(dialer);
        if (dial != null) {
            dial.cancel();
            dialEnded();
        }
        if (datagrams != null) {
            datagrams.close();
        }
    }
}
