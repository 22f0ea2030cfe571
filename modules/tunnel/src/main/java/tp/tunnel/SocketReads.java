package tp.tunnel;

import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * How a flow's socket is asked for more: once at a time, and when it is the turn of the flow's
 * client. On the flow's event loop.
 */
final class SocketReads {

    private final Runnable read = this::readNow;
    private ReadTurns.@Nullable Turn turn;
    private @Nullable SocketChannel socket;
    private boolean asked;

    void begin(Way way) {
        turn = way.seat().turn(read);
    }

    void attach(SocketChannel from) {
        socket = from;
    }

    /** The link is lost or left. What the socket was asked for it may still give. */
    void leave() {
        ReadTurns.Turn last = turn;
        turn = null;
        if (last != null && last.cancel()) {
            asked = false;
        }
    }

    /** The socket is on another event loop, where it was not asked for anything. */
    void moved() {
        asked = false;
    }

    void ask() {
        ReadTurns.Turn mine = turn;
        if (!asked && mine != null && socket != null) {
            asked = true;
            mine.ask();
        }
    }

    private void readNow() {
        SocketChannel from = socket;
        if (from != null) {
            from.read();
        }
    }

    /** Something came. */
    void took() {
        ReadTurns.Turn mine = turn;
        if (mine != null) {
            mine.took();
        }
    }

    /** What was asked for has come. */
    void answered() {
        asked = false;
    }
}
