package tp.testkit;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import tp.spi.transport.Sockets;

/** The event loops of all tests of one process; they end with it. */
public final class Loops {

    /** Of the kind that the program has on this machine. */
    public static final EventLoopGroup SHARED = of(Sockets.best());

    /** Of the kind that it has where there is no better. */
    public static final EventLoopGroup NIO = of(Sockets.NIO);

    private Loops() {}

    private static EventLoopGroup of(Sockets kind) {
        return kind.loops(2, new DefaultThreadFactory("loops-" + kind, true));
    }
}
