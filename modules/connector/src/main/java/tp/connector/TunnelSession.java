package tp.connector;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import tp.spi.transport.Link;
import tp.spi.transport.ServerPin;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.DialListener;
import tp.tunnel.DnsListener;
import tp.tunnel.EchoListener;
import tp.tunnel.FlowKeep;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionListener;
import tp.tunnel.SessionStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;
import tp.tunnel.Welcome;

/** A session over the tunnel. */
record TunnelSession(ClientSession client, FlowKeep keep) implements ClusterSession {

    /** Opens such sessions; their flows of TCP go on over one another. */
    private record Opener(EventLoopGroup loops, FlowKeep keep) implements SessionOpener {

        @Override
        public ClusterSession open(
                Link link, ClientHello hello, ServerPin pin, SessionListener listener) {
            return new TunnelSession(
                    ClientSession.open(link, hello, pin, listener, loops, keep), keep);
        }

        @Override
        public FlowKeep.Statistics kept() {
            return keep.statistics();
        }

        @Override
        public void end() {
            keep.end();
        }
    }

    /** {@return what opens such sessions, on those loops} */
    static SessionOpener opener(EventLoopGroup loops) {
        return new Opener(loops, FlowKeep.create());
    }

    @Override
    public void carry() {
        keep.carry(client);
    }

    @Override
    public void leave() {
        keep.moveFrom(client);
    }

    @Override
    public Welcome welcome() {
        return client.welcome();
    }

    @Override
    public TcpFlow dial(InetSocketAddress target, DialListener listener) {
        return client.dial(target, listener);
    }

    @Override
    public UdpFlow openUdp(InetSocketAddress target, UdpListener listener) {
        return client.openUdp(target, listener);
    }

    @Override
    public UdpFlow openEcho(InetAddress target, EchoListener listener) {
        return client.openEcho(target, listener);
    }

    @Override
    public void query(ByteBuffer message, boolean tcp, DnsListener listener) {
        client.query(message, tcp, listener);
    }

    @Override
    public void prove(Duration limit) throws IOException, InterruptedException {
        client.prove(limit);
    }

    @Override
    public void renew(String token) {
        client.reauthenticate(token);
    }

    @Override
    public Welcome remap(MappingRequest mapping, Duration limit)
            throws IOException, InterruptedException {
        return client.remap(mapping, limit);
    }

    @Override
    public SessionStatistics statistics() {
        return client.statistics();
    }

    @Override
    public void close() {
        client.close();
    }
}
