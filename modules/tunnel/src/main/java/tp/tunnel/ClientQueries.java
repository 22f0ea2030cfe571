package tp.tunnel;

import io.netty.channel.Channel;
import java.nio.ByteBuffer;
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
    private @Nullable Channel stream;
    private int nextId;

    ClientQueries(ClientSession session) {
        this.session = session;
    }

    void start(Channel opened) {
        stream = opened;
        opened.flush();
    }

    void ask(byte[] message, boolean tcp, DnsListener listener) {
        Channel to = stream;
        if (to == null || !to.isActive() || waiting.size() >= MAX_WAITING) {
            listener.failed();
            return;
        }
        int id = nextId++;
        waiting.put(id, listener);
        MessageStream.writeAndFlush(to, new Query(id, tcp, message));
        session.loop().schedule(() -> giveUp(id), GIVE_UP_SECONDS, TimeUnit.SECONDS);
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
        stream = null;
        List<DnsListener> failed = List.copyOf(waiting.values());
        waiting.clear();
        failed.forEach(DnsListener::failed);
    }
}
