package tp.daemon;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import tp.tunnel.DialListener;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/** What the data plane needs of a session. Calls return at once, on any thread. */
interface FlowGateway {

    TcpFlow dial(InetSocketAddress target, DialListener listener);

    UdpFlow openUdp(InetSocketAddress target, UdpListener listener);

    /** {@return the NIO loop on which accepted sockets have to be registered} */
    EventLoop loop();
}
