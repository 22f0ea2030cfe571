package tp.spi.transport;

import io.netty.channel.EventLoopGroup;
import java.util.List;

/**
 * What a transport may use.
 *
 * @param cluster authenticated access to the cluster's API server
 * @param manager where the manager runs
 * @param pin the key that proves that it is the manager
 * @param endpoints where the manager can be reached without the API server, as far as is known
 * @param loops for transports that are made of Netty; owned by the core
 */
public record TransportContext(
        ClusterAccess cluster,
        ManagerLocation manager,
        ServerPin pin,
        List<Endpoint> endpoints,
        EventLoopGroup loops) {

    public TransportContext {
        endpoints = List.copyOf(endpoints);
    }

    /**
     * {@return the endpoints whose address has one of these schemes, in the order in which they are
     * to be tried}
     */
    public List<Endpoint> endpoints(String... schemes) {
        List<String> wanted = List.of(schemes);
        return endpoints.stream()
                .filter(endpoint -> wanted.contains(endpoint.address().getScheme()))
                .toList();
    }
}
