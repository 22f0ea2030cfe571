package tp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tp.spi.common.Assessment;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/**
 * What a {@link TransportProvider} and its transports must keep. Subclass it in the tests of a
 * plug-in. A transport that moves bytes through {@link tp.spi.transport.ClusterAccess} only names
 * its provider; any other overrides {@link #transportTo(Peer)} and {@link #transportToNobody()}
 * too.
 */
public abstract class TransportContract extends StreamContract
        implements ProviderContract<TransportProvider> {

    private static final ManagerLocation MANAGER =
            new ManagerLocation("tp-system", "tp-manager-0", 8443);

    protected TransportContract() {}

    @Override
    public Class<TransportProvider> service() {
        return TransportProvider.class;
    }

    @Override
    protected Transport transportTo(Peer peer) throws Exception {
        var cluster = new LoopbackCluster();
        cluster.listen(MANAGER, peer);
        return provider().create(new TransportContext(cluster, MANAGER));
    }

    @Override
    protected Transport transportToNobody() throws Exception {
        return provider().create(new TransportContext(new LoopbackCluster(), MANAGER));
    }

    @Test
    void assessmentAndCreationOpenNothing() {
        var cluster = new LoopbackCluster();
        cluster.listen(MANAGER, Peer.echo());
        var context = new TransportContext(cluster, MANAGER);
        long startNs = System.nanoTime();
        Assessment assessment = provider().assess(context);

        assertThat(System.nanoTime() - startNs).isLessThan(1_000_000_000L);
        ProviderContract.assertTellsPeopleWhy(assessment);
        provider().create(context).close();
        assertThat(cluster.opened()).isZero();
    }
}
