package tp.daemon;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tp.tunnel.DialListener;
import tp.tunnel.EchoListener;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;

/** A tunnel that does nothing of its own, and writes down what it was asked. */
final class FakeGateway implements FlowGateway {

    final List<String> said = new ArrayList<>();
    final List<UdpListener> udpListeners = new ArrayList<>();
    final List<EchoListener> echoListeners = new ArrayList<>();
    final List<DialListener> dialListeners = new ArrayList<>();
    final List<TcpFlow> dialed = new ArrayList<>();

    @Override
    public TcpFlow dial(InetSocketAddress target, DialListener listener) {
        String name = "dial " + dialed.size();
        TcpFlow flow =
                new TcpFlow() {
                    @Override
                    public void attach(SocketChannel accepted) {
                        said.add("attach " + name);
                    }

                    @Override
                    public void reset() {
                        said.add("reset " + name);
                    }
                };
        dialed.add(flow);
        dialListeners.add(listener);
        return flow;
    }

    @Override
    public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
        said.add("open " + target.getPort());
        udpListeners.add(listener);
        return new UdpFlow() {
            @Override
            public boolean send(ByteBuffer payload) {
                said.add("send " + target.getPort());
                return true;
            }

            @Override
            public void close() {
                said.add("close " + target.getPort());
            }
        };
    }

    @Override
    public UdpFlow openEcho(InetAddress target, EchoListener listener) {
        String name = "echo " + target.getHostAddress();
        said.add("open " + name);
        echoListeners.add(listener);
        return new UdpFlow() {
            @Override
            public boolean send(ByteBuffer payload) {
                said.add("send " + name + " " + payload.getShort(payload.position()));
                return true;
            }

            @Override
            public void close() {
                said.add("close " + name);
            }
        };
    }

    @Override
    public EventLoop loop() {
        throw new AssertionError("not asked for");
    }
}
