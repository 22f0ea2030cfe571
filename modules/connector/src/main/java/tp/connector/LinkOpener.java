package tp.connector;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.tunnel.ClientHello;
import tp.tunnel.MappingRequest;

/** Opens a link to a manager: over the best transport that works, with a fresh token. */
final class LinkOpener {

    private static final System.Logger LOG = System.getLogger(LinkOpener.class.getName());

    private final SessionOpener opener;
    private final Providers providers;
    private final ConnectorSettings settings;
    private final EventLoopGroup loops;
    private final NamespaceMapping mapping;

    LinkOpener(
            SessionOpener opener,
            Providers providers,
            ConnectorSettings settings,
            EventLoopGroup loops,
            NamespaceMapping mapping) {
        this.opener = opener;
        this.providers = providers;
        this.settings = settings;
        this.loops = loops;
        this.mapping = mapping;
    }

    /**
     * Returns when the manager has welcomed us.
     *
     * @throws TpException where no transport gets there, or the manager is not to be trusted
     */
    OpenLink open(Cluster cluster, ManagerInfo manager, LinkListener listener) {
        TransportContext context = context(cluster, manager);
        List<Assessed<TransportProvider>> candidates =
                providers
                        .transports()
                        .choose(settings.transport(), provider -> provider.assess(context));
        StringBuilder failures = new StringBuilder();
        for (Assessed<TransportProvider> candidate : candidates) {
            String id = candidate.found().id();
            try {
                Transport transport = candidate.found().provider().create(context);
                ManagerSession session = over(transport, cluster, manager, listener);
                return new OpenLink(session, id, transport, manager, listener);
            } catch (IOException e) {
                failures.append(failures.isEmpty() ? "" : ", ").append(id).append(": ");
                failures.append(e.getMessage());
                LOG.log(System.Logger.Level.INFO, "transport {0}: {1}", id, e.getMessage());
            }
        }
        throw new TpException(
                TpException.Category.TRANSIENT,
                "the manager cannot be reached (" + failures + ")",
                "see whether its pod runs: kubectl -n tp-system get pods");
    }

    /** {@return what transports may use to reach that manager} */
    TransportContext context(Cluster cluster, ManagerInfo manager) {
        List<Endpoint> endpoints = new ArrayList<>(settings.endpoints());
        endpoints.addAll(manager.endpoints());
        return new TransportContext(
                cluster.access(), manager.location(), manager.pin(), endpoints, loops);
    }

    /**
     * @throws IOException where another transport may do better; anything that touches trust is a
     *     {@link TpException} and ends the attempt
     */
    private ManagerSession over(
            Transport transport, Cluster cluster, ManagerInfo manager, LinkListener listener)
            throws IOException {
        boolean opened = false;
        try {
            ClientHello hello =
                    new ClientHello(settings.version(), cluster.clientToken(manager), request());
            ManagerSession session = opener.open(transport.open(), hello, manager.pin(), listener);
            opened = true;
            return session;
        } catch (TpException e) {
            if (e.category() == TpException.Category.TRANSIENT) {
                throw new IOException(e.getMessage(), e);
            }
            throw e;
        } finally {
            if (!opened) {
                transport.close();
            }
        }
    }

    private MappingRequest request() {
        return switch (mapping) {
            case NamespaceMapping.All all -> MappingRequest.everything();
            case NamespaceMapping.Listed listed ->
                    MappingRequest.of(List.copyOf(listed.clusterNames().values()));
        };
    }
}
