package tp.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Dialed;
import tp.tunnel.Message.Open;
import tp.tunnel.Message.Protocol;

/** A dial, and the flow it becomes. On the event loop, but for the methods of {@link TcpFlow}. */
final class ClientFlow implements TcpFlow, MessageStream.Receiver {

    private final ClientSession session;
    private final InetSocketAddress target;
    private final DialListener listener;

    private @Nullable Channel stream;
    private @Nullable Flow flow;
    private long window;
    private boolean told;
    private boolean cancelled;
    private boolean counted;

    ClientFlow(ClientSession session, InetSocketAddress target, DialListener listener) {
        this.session = session;
        this.target = target;
        this.listener = listener;
    }

    void open() {
        if (cancelled) {
            return;
        }
        if (session.full()) {
            tell(DialOutcome.TUNNEL_DOWN);
            return;
        }
        session.openStream(this, this::opened);
    }

    private void opened(Channel channel) {
        if (cancelled) {
            channel.close();
            return;
        }
        stream = channel;
        counted = true;
        session.counters().openFlows.incrementAndGet();
        window = session.budget().take();
        flow = new Flow(channel, window, session.means(), this::ended);
        MessageStream.writeAndFlush(
                channel, new Open(session.takeFlowId(), Protocol.TCP, target, window));
    }

    @Override
    public void received(Message message) {
        Flow current = flow;
        if (message instanceof Dialed dialed && !told) {
            if (dialed.outcome() == DialOutcome.ESTABLISHED && current != null) {
                current.credited(dialed.credit());
                tell(DialOutcome.ESTABLISHED);
            } else {
                tell(dialed.outcome());
                closeStream();
            }
        } else if (told && current != null) {
            current.received(message);
        } else {
            MessageStream.release(message);
            closeStream();
        }
    }

    @Override
    public void receivedAll() {
        Flow current = flow;
        if (current != null && told) {
            current.receivedAll();
        }
    }

    @Override
    public void writabilityChanged() {
        Flow current = flow;
        if (current != null) {
            current.readMore();
        }
    }

    @Override
    public void closed() {
        tell(DialOutcome.TUNNEL_DOWN);
        Flow current = flow;
        if (current != null) {
            current.streamClosed();
        }
        ended();
    }

    @Override
    public void attach(SocketChannel accepted) {
        session.loop().execute(() -> attachNow(accepted));
    }

    private void attachNow(SocketChannel accepted) {
        Flow current = flow;
        if (current == null) {
            Flow.resetSocket(accepted);
        } else {
            current.attach(accepted);
        }
    }

    @Override
    public void reset() {
        session.loop().execute(this::resetNow);
    }

    private void resetNow() {
        cancelled = true;
        Flow current = flow;
        if (told && current != null) {
            current.reset();
        } else {
            closeStream();
        }
    }

    private void closeStream() {
        Channel channel = stream;
        if (channel != null) {
            channel.close();
        }
    }

    private void tell(DialOutcome outcome) {
        if (!told) {
            told = true;
            if (!cancelled) {
                listener.dialed(outcome, this);
            }
        }
    }

    private void ended() {
        if (counted) {
            counted = false;
            session.counters().openFlows.decrementAndGet();
            session.budget().giveBack(window);
        }
    }
}
