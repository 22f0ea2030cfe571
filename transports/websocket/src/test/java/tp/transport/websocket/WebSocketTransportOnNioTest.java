package tp.transport.websocket;

import io.netty.channel.EventLoopGroup;
import tp.testkit.Loops;

/** The same where there are no sockets but the JDK's. */
class WebSocketTransportOnNioTest extends WebSocketTransportTest {

    @Override
    protected EventLoopGroup loops() {
        return Loops.NIO;
    }
}
