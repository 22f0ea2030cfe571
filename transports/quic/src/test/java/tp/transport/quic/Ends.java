package tp.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import tp.spi.transport.Endpoint;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.StreamLink;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.testkit.LoopbackCluster;
import tp.testkit.TestIdentity;

/** A manager's end and a client's, in this process. */
record Ends(TestIdentity identity, EventLoopGroup loops) {

    Listener listen(LinkAcceptor acceptor) throws IOException {
        var bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new QuicListenerProvider()
                .listen(
                        new ListenerContext(
                                bind, identity.key(), identity.certificate(), loops, acceptor));
    }

    Transport transport(InetSocketAddress manager) {
        URI uri = URI.create("quic://127.0.0.1:" + Integer.toString(manager.getPort()));
        return new QuicTransport(
                new TransportContext(
                        new LoopbackCluster(),
                        new ManagerLocation("tp-system", "tp-manager", 8443),
                        identity.pin(),
                        List.of(new Endpoint(uri, Endpoint.Source.GIVEN)),
                        loops));
    }

    /** {@return an open link whose peer opens no streams} */
    static StreamLink start(Transport transport) throws IOException {
        StreamLink link = (StreamLink) transport.open();
        link.loop().execute(() -> link.start(new Quiet()));
        return link;
    }

    private static final class Quiet implements LinkEvents {
        @Override
        public void opened(Channel stream) {}

        @Override
        public void datagram(ByteBuf datagram) {
            datagram.release();
        }

        @Override
        public void closed(Optional<Throwable> cause) {}
    }
}
