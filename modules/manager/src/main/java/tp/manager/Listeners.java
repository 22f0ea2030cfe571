package tp.manager;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import tp.incluster.ExposedPort;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Listener;
import tp.spi.transport.ListenerContext;
import tp.spi.transport.ListenerProvider;
import tp.tunnel.ServerKey;
import tp.tunnel.SessionServer;

/**
 * The ports of transports that have one of their own. One that cannot be had is logged and left
 * out: the session port serves all the same.
 */
final class Listeners implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Listeners.class.getName());

    private record Open(ListenerProvider provider, Listener listener) {}

    private final List<Open> open = new ArrayList<>();

    private Listeners() {}

    /**
     * Starts every listener that is found.
     *
     * @param session where sessions are listened for: the others use the same address, each with
     *     its own port, or with any where this one does
     */
    static Listeners start(
            InetSocketAddress session, ServerKey key, SessionServer server, EventLoopGroup loops) {
        Listeners listeners = new Listeners();
        for (ListenerProvider provider : found()) {
            int port = session.getPort() == 0 ? 0 : provider.port().number();
            InetSocketAddress bind = new InetSocketAddress(session.getAddress(), port);
            try {
                Listener listener =
                        provider.listen(
                                new ListenerContext(
                                        bind, key.key(), key.certificate(), loops, server));
                listeners.open.add(new Open(provider, listener));
            } catch (IOException | RuntimeException | LinkageError e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "no listener for {0}: {1}",
                        provider.id(),
                        String.valueOf(e.getMessage()));
            }
        }
        return listeners;
    }

    private static List<ListenerProvider> found() {
        List<ListenerProvider> found = new ArrayList<>();
        Iterator<ListenerProvider> all = ServiceLoader.load(ListenerProvider.class).iterator();
        boolean more = true;
        while (more) {
            try {
                more = all.hasNext();
                if (more) {
                    found.add(all.next());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a listener cannot be loaded: {0}",
                        String.valueOf(e.getMessage()));
                more = found.size() < MAX_PROVIDERS;
            }
        }
        return found;
    }

    /** More were a loop in somebody's service file. */
    private static final int MAX_PROVIDERS = 32;

    /** {@return the addresses of these listeners among all ports that are exposed} */
    List<Endpoint> endpoints(List<ExposedPort> exposed) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (ExposedPort port : exposed) {
            for (Open one : open) {
                if (one.provider().port().name().equals(port.name())) {
                    endpoints.add(
                            new Endpoint(
                                    one.provider().endpoint(port.host(), port.port()),
                                    source(port.way())));
                }
            }
        }
        return endpoints;
    }

    private static Endpoint.Source source(ExposedPort.Way way) {
        return switch (way) {
            case LOAD_BALANCER -> Endpoint.Source.LOAD_BALANCER;
            case HOST_PORT -> Endpoint.Source.HOST_PORT;
            case NODE_PORT -> Endpoint.Source.NODE_PORT;
        };
    }

    @Override
    public String toString() {
        return open.stream()
                .map(one -> one.provider().id() + " on " + one.listener().address().getPort())
                .toList()
                .toString();
    }

    @Override
    public void close() {
        open.forEach(one -> one.listener().close());
    }
}
