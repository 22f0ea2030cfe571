package tp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tp.spi.common.Assessment;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Link;
import tp.spi.transport.LinkAcceptor;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.spi.transport.ListenerProvider;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/**
 * What a {@link TransportProvider} and its transports must keep. Subclass it in the tests of a
 * plug-in. A transport that moves bytes through {@link tp.spi.transport.ClusterAccess} only names
 * its provider; one that has a {@link ListenerProvider} names that too; any other overrides {@link
 * #transportTo(Peer)} and {@link #transportToNobody()}.
 */
public abstract class TransportContract extends StreamContract
        implements ProviderContract<TransportProvider> {

    private static final ManagerLocation MANAGER =
            new ManagerLocation("tp-system", "tp-manager-0", 8443);
    private static final TestIdentity IDENTITY = TestIdentity.create();

    protected TransportContract() {}

    @Override
    public Class<TransportProvider> service() {
        return TransportProvider.class;
    }

    /** {@return what both ends run on} */
    protected EventLoopGroup loops() {
        return Loops.SHARED;
    }

    /** {@return the manager's half, for transports that have one} */
    protected Optional<ListenerProvider> listener() {
        return Optional.empty();
    }

    @Override
    protected Transport transportTo(Peer peer) throws Exception {
        Optional<ListenerProvider> half = listener();
        if (half.isPresent()) {
            Listener listening = half.get().listen(listen(peer));
            Transport transport =
                    provider()
                            .create(
                                    context(
                                            new LoopbackCluster(),
                                            List.of(endpoint(listening.address()))));
            return new WithListener(transport, listening);
        }
        var cluster = new LoopbackCluster();
        serve(cluster, peer);
        return provider().create(context(cluster, List.of()));
    }

    /** Makes the peer the manager of that cluster, for transports without a half of their own. */
    protected void serve(LoopbackCluster cluster, Peer peer) {
        cluster.listen(MANAGER, peer);
    }

    @Override
    protected Transport transportToNobody() throws Exception {
        if (listener().isEmpty()) {
            return provider().create(context(new LoopbackCluster(), List.of()));
        }
        try (Listener gone = listener().get().listen(listen(Peer.echo()))) {
            return provider()
                    .create(context(new LoopbackCluster(), List.of(endpoint(gone.address()))));
        }
    }

    /** {@return the address under which the client finds that listener} */
    protected Endpoint endpoint(InetSocketAddress listening) {
        return new Endpoint(
                URI.create(
                        provider().id() + "://127.0.0.1:" + Integer.toString(listening.getPort())),
                Endpoint.Source.GIVEN);
    }

    private ListenerContext listen(Peer peer) {
        return new ListenerContext(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                IDENTITY.key(),
                IDENTITY.certificate(),
                loops(),
                new Serving(peer));
    }

    private TransportContext context(LoopbackCluster cluster, List<Endpoint> endpoints) {
        return new TransportContext(cluster, MANAGER, IDENTITY.pin(), endpoints, loops());
    }

    @Test
    void assessmentAndCreationOpenNothing() {
        var cluster = new LoopbackCluster();
        serve(cluster, Peer.echo());
        var context = context(cluster, List.of());
        long startNs = System.nanoTime();
        Assessment assessment = provider().assess(context);

        assertThat(System.nanoTime() - startNs).isLessThan(1_000_000_000L);
        ProviderContract.assertTellsPeopleWhy(assessment);
        provider().create(context).close();
        assertThat(cluster.opened()).isZero();
    }

    /** Each stream of what comes in is served by the peer on a thread of its own. */
    private record Serving(Peer peer) implements LinkAcceptor {

        @Override
        public void accepted(Link link, SocketAddress from) {
            BlockingStreams.serve(
                    link, stream -> Thread.ofVirtual().name("peer").start(() -> serve(stream)));
        }

        private void serve(ByteChannel stream) {
            try {
                peer.serve(stream);
                BlockingStreams.end(stream);
            } catch (IOException | RuntimeException | AssertionError e) {
                breakDown(stream);
            }
        }

        private static void breakDown(ByteChannel stream) {
            try {
                BlockingStreams.breakDown(stream);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void refused(SocketAddress from, String reason) {}
    }

    private record WithListener(Transport transport, Listener listening) implements Transport {

        @Override
        public Link open() throws IOException {
            return transport.open();
        }

        @Override
        public void close() {
            transport.close();
            listening.close();
        }
    }
}
