package tp.tunnel;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import tp.tunnel.Message.Answer;
import tp.tunnel.Message.Query;

/** The manager's end of the stream of DNS questions. */
final class ServerQueries implements MessageStream.Receiver {

    private static final int MAX_WAITING = 1024;
    private static final int MAX_QUERY_BYTES = 4096;

    private final ServerConnection connection;
    private final Channel stream;
    private final AtomicInteger waiting = new AtomicInteger();

    ServerQueries(ServerConnection connection, Channel stream) {
        this.connection = connection;
        this.stream = stream;
    }

    @Override
    public void received(Message message) {
        SessionGrant grant = connection.grant();
        if (!(message instanceof Query query) || grant == null) {
            MessageStream.release(message);
            connection.malformed();
            connection.close();
            return;
        }
        if (query.message().length > MAX_QUERY_BYTES || waiting.get() >= MAX_WAITING) {
            answer(query.id(), new byte[0]);
            return;
        }
        waiting.incrementAndGet();
        connection.outside().ask("tp-dns", () -> ask(grant, query));
    }

    private void ask(SessionGrant grant, Query query) {
        try {
            grant.answer(query.message(), query.tcp(), bytes -> answer(query.id(), bytes));
        } catch (RuntimeException e) {
            answer(query.id(), new byte[0]);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private void answer(int id, byte[] message) {
        byte[] bounded = message.length > MessageCodec.MAX_PAYLOAD_BYTES ? new byte[0] : message;
        stream.eventLoop()
                .execute(
                        () -> {
                            if (stream.isActive()) {
                                MessageStream.writeAndFlush(stream, new Answer(id, bounded));
                            }
                        });
    }

    @Override
    public void closed() {}
}
