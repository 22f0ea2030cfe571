package tp.tunnel;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.socket.SocketChannel;
import tp.spi.transport.Sockets;

/** What the manager's end of a session has outside of its event loops. */
interface Outside {

    /** A thread for each question, and the sockets of this machine. */
    Outside USUAL =
            new Outside() {
                @Override
                public void ask(String name, Runnable question) {
                    Thread.ofVirtual().name(name).start(question);
                }

                @Override
                public ChannelFactory<SocketChannel> sockets(EventLoop loop) {
                    return new ReflectiveChannelFactory<>(Sockets.of(loop).connection());
                }
            };

    /**
     * Has something run that may block, not on the event loop.
     *
     * @param name for the thread
     */
    void ask(String name, Runnable question);

    /** {@return where it is said who was refused} */
    default RefusalLog refusals() {
        return new RefusalLog(System::nanoTime);
    }

    /** {@return what makes sockets to be connected on that loop} */
    ChannelFactory<? extends SocketChannel> sockets(EventLoop loop);
}
