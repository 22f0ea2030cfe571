package tp.daemon;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import tp.tunnel.ClientSession;
import tp.tunnel.DialListener;
import tp.tunnel.EchoListener;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/** What the data plane needs of a session. Calls return at once, on any thread. */
interface FlowGateway {

    TcpFlow dial(InetSocketAddress target, DialListener listener);

    UdpFlow openUdp(InetSocketAddress target, UdpListener listener);

    UdpFlow openEcho(InetAddress target, EchoListener listener);

    /** {@return the NIO loop on which accepted sockets have to be registered} */
    EventLoop loop();

    static FlowGateway of(ClientSession session) {
        return new FlowGateway() {
            @Override
            public TcpFlow dial(InetSocketAddress target, DialListener listener) {
                return session.dial(target, listener);
            }

            @Override
            public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
                return session.openUdp(target, listener);
            }

            @Override
            public UdpFlow openEcho(InetAddress target, EchoListener listener) {
                return session.openEcho(target, listener);
            }

            @Override
            public EventLoop loop() {
                return session.loop();
            }
        };
    }
}
