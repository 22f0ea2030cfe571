package tp.transport.quic;

import io.netty.channel.EventLoopGroup;
import tp.testkit.Loops;

/** The same where there are no sockets but the JDK's. */
class QuicTransportOnNioTest extends QuicTransportTest {

    @Override
    protected EventLoopGroup loops() {
        return Loops.NIO;
    }
}
