package tp.tunnel;

import io.netty.channel.Channel;
import tp.tunnel.Message.Ack;

/**
 * Says how many bytes of datagrams have come on a stream, so that the far end knows what is under
 * way. On the session's event loop.
 */
final class DatagramReceipts {

    private static final long THRESHOLD_BYTES = 32 * 1024;

    private final Channel stream;
    private final LateAcks acks;
    private final Runnable say = this::say;
    private long received;
    private long said;
    private boolean owed;

    DatagramReceipts(Channel stream, LateAcks acks) {
        this.stream = stream;
        this.acks = acks;
    }

    void received(int bytes) {
        received += bytes;
        if (received - said >= THRESHOLD_BYTES) {
            tell();
        } else if (!owed) {
            owed = true;
            acks.later(say);
        }
    }

    private void say() {
        owed = false;
        tell();
    }

    private void tell() {
        if (received > said && stream.isActive()) {
            said = received;
            MessageStream.writeAndFlush(stream, new Ack(received));
        }
    }
}
