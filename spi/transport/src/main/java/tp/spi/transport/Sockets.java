package tp.spi.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.NoRouteToHostException;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Pattern;

/**
 * The kinds of event loops, and the sockets that belong to each. A transport gets its loops from
 * the core and asks here which sockets go with them.
 */
public enum Sockets {
    /** Linux' own: UDP by the batch, fewer copies. */
    EPOLL(EpollSocketChannel.class, EpollServerSocketChannel.class, EpollDatagramChannel.class),

    /** The JDK's, everywhere. */
    NIO(NioSocketChannel.class, NioServerSocketChannel.class, NioDatagramChannel.class);

    /** A system property: {@code nio} keeps to the JDK's sockets. */
    public static final String PROPERTY = "tp.sockets";

    private static final Pattern SYSTEM_CALL =
            Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-\\d+\\): ?");

    private static final Pattern ADDRESS = Pattern.compile(": [^\\s/]*/[\\[\\]0-9a-f.:%]+:\\d+$");

    private final Class<? extends SocketChannel> connection;
    private final Class<? extends ServerSocketChannel> listener;
    private final Class<? extends DatagramChannel> datagrams;

    Sockets(
            Class<? extends SocketChannel> connection,
            Class<? extends ServerSocketChannel> listener,
            Class<? extends DatagramChannel> datagrams) {
        this.connection = connection;
        this.listener = listener;
        this.datagrams = datagrams;
    }

    /** {@return the best kind that this machine has} */
    public static Sockets best() {
        boolean epoll = !System.getProperty(PROPERTY, "").equals("nio") && EPOLL.isAvailable();
        return epoll ? EPOLL : NIO;
    }

    /** {@return the kind that belongs to these loops} */
    public static Sockets of(EventLoopGroup loops) {
        return loops instanceof IoEventLoopGroup group && group.isIoType(EpollOnRequest.class)
                ? EPOLL
                : NIO;
    }

    /** {@return whether this machine has them} */
    public boolean isAvailable() {
        return this == NIO || Epoll.isAvailable();
    }

    /** {@return new loops, owned by the caller} */
    public EventLoopGroup loops(int threads) {
        return loops(threads, new DefaultThreadFactory(MultiThreadIoEventLoopGroup.class));
    }

    /** {@return new loops, owned by the caller} */
    public EventLoopGroup loops(int threads, ThreadFactory factory) {
        IoHandlerFactory handlers =
                this == EPOLL ? EpollOnRequest.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(threads, factory, handlers);
    }

    /**
     * {@return why there is no socket, or no connection any longer, in words for people and without
     * the address} Each kind of sockets has words of its own.
     */
    public static String reason(Throwable failure) {
        if (failure instanceof NoRouteToHostException) {
            return "No route to host";
        }
        String text = String.valueOf(failure.getMessage());
        return SYSTEM_CALL.matcher(ADDRESS.matcher(text).replaceFirst("")).replaceFirst("");
    }

    /** {@return what connects by TCP} */
    public Class<? extends SocketChannel> connection() {
        return connection;
    }

    /** {@return what listens for TCP} */
    public Class<? extends ServerSocketChannel> listener() {
        return listener;
    }

    /**
     * {@return a channel on a socket of the kernel that listens already} It may be in another
     * network namespace than this process.
     *
     * @param descriptor closed with the channel
     * @throws UnsupportedOperationException where these are not sockets of epoll
     */
    public ServerSocketChannel listening(int descriptor) {
        if (this != EPOLL) {
            throw new UnsupportedOperationException("the JDK takes over no descriptor");
        }
        return new EpollServerSocketChannel(descriptor);
    }

    /** {@return what is for UDP} */
    public Class<? extends DatagramChannel> datagrams() {
        return datagrams;
    }
}
