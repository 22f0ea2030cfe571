package tp.transport.grpc;

import io.netty.channel.EventLoopGroup;
import tp.testkit.Loops;

/** The same where there are no sockets but the JDK's. */
class GrpcTransportOnNioTest extends GrpcTransportTest {

    @Override
    protected EventLoopGroup loops() {
        return Loops.NIO;
    }
}
