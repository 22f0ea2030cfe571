package tp.tunnel;

import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tp.tunnel.Message.Answer;
import tp.tunnel.Message.Query;

/** The questions to the cluster's DNS that wait for an answer. On the event loop. */
final class ClientQueries implements MessageStream.Receiver {

    private static final int MAX_WAITING = 1024;
    private static final int GIVE_UP_SECONDS = 6;

    private final ClientSession session;
    private final Map<Integer, DnsListener> waiting = new HashMap<>();

    /** Asked before there was a stream for them. */
    private final List<Query> early = new ArrayList<>();

    private @Nullable Channel stream;
    private boolean ended;
    private int nextId;

    ClientQueries(ClientSession session) {
        this.session = session;
    }

    void start(Channel opened) {
        stream = opened;
        early.forEach(query -> MessageStream.write(opened, query));
        early.clear();
        opened.flush();
    }

    void ask(byte[] message, boolean tcp, DnsListener listener) {
        if (ended) {
            listener.lost();
            return;
        }
        if (waiting.size() >= MAX_WAITING) {
            listener.failed();
            return;
        }
        int id = nextId++;
        waiting.put(id, listener);
        send(new Query(id, tcp, message));
        session.loop().schedule(() -> giveUp(id), GIVE_UP_SECONDS, TimeUnit.SECONDS);
    }

    private void send(Query query) {
        Channel to = stream;
        if (to == null) {
            early.add(query);
        } else {
            MessageStream.writeAndFlush(to, query);
        }
    }

    private void giveUp(int id) {
        DnsListener listener = waiting.remove(id);
        if (listener != null) {
            listener.failed();
        }
    }

    @Override
    public void received(Message message) {
        if (message instanceof Answer answer) {
            DnsListener listener = waiting.remove(answer.id());
            if (listener != null && answer.message().length == 0) {
                listener.failed();
            } else if (listener != null) {
                listener.answered(ByteBuffer.wrap(answer.message()));
            }
        } else {
            MessageStream.release(message);
            session.closeLink();
        }
    }

    @Override
    public void closed() {
        ended = true;
        early.clear();
        leave();
    }

    /** Whoever waits is to ask elsewhere. */
    void leave() {
        List<DnsListener> lost = List.copyOf(waiting.values());
        waiting.clear();
        lost.forEach(DnsListener::lost);
    }
}
