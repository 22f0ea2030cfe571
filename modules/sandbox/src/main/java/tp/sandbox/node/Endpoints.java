package tp.sandbox.node;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where a Service's port leads to at the moment. Never empty.
 *
 * @param sticks whether a client address keeps its endpoint ({@code sessionAffinity: ClientIP}),
 *     here for as long as the endpoints stay the same
 */
record Endpoints(List<InetSocketAddress> addresses, boolean sticks) {

    Endpoints {
        addresses = List.copyOf(addresses);
    }

    InetSocketAddress choose(SocketAddress client) {
        int index =
                sticks && client instanceof InetSocketAddress inet
                        ? Math.floorMod(inet.getAddress().hashCode(), addresses.size())
                        : ThreadLocalRandom.current().nextInt(addresses.size());
        return addresses.get(index);
    }
}
