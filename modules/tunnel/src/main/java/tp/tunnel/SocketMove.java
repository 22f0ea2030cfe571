package tp.tunnel;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;

/** Takes a socket from one event loop to another: a flow lives on that of its link. */
final class SocketMove {

    private SocketMove() {}

    /**
     * @param socket which is not read meanwhile; any thread
     * @param left runs on the old loop when nothing of the socket comes there any more
     * @param then runs on the new one, also where the socket has ended meanwhile
     */
    static void to(EventLoop loop, SocketChannel socket, Runnable left, Runnable then) {
        socket.deregister()
                .addListener(
                        gone -> {
                            left.run();
                            loop.register(socket).addListener(joined -> loop.execute(then));
                        });
    }
}
