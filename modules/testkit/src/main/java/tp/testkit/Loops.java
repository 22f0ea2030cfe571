package tp.testkit;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/** The event loops of all tests of one process; they end with it. */
public final class Loops {

    public static final EventLoopGroup SHARED =
            new MultiThreadIoEventLoopGroup(
                    2, new DefaultThreadFactory("loops", true), NioIoHandler.newFactory());

    private Loops() {}
}
