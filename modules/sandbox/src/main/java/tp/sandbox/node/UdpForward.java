package tp.sandbox.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Carries the datagrams of one Service port: one socket towards an endpoint per client address, the
 * oldest is dropped where there are too many.
 */
final class UdpForward implements ServiceProxy.Forward {

    private static final System.Logger LOG = System.getLogger("tp.sandbox.proxy");
    private static final int MAX_DATAGRAM = 65_535;
    private static final int MAX_CLIENTS = 512;

    private final DatagramChannel front;
    private final Map<SocketAddress, DatagramChannel> clients =
            new LinkedHashMap<>(16, 0.75f, true);
    private volatile Endpoints endpoints;

    private UdpForward(DatagramChannel front, Endpoints endpoints) {
        this.front = front;
        this.endpoints = endpoints;
    }

    static UdpForward start(InetSocketAddress address, Endpoints endpoints) throws IOException {
        DatagramChannel front = DatagramChannel.open(family(address));
        try {
            front.bind(address);
        } catch (IOException e) {
            front.close();
            throw e;
        }
        UdpForward forward = new UdpForward(front, endpoints);
        Thread.ofPlatform().daemon().name("udp-" + address).start(forward::serve);
        return forward;
    }

    /** Clients of an endpoint that is gone get another one with their next datagram. */
    @Override
    public void endpoints(Endpoints now) {
        if (now.equals(endpoints)) {
            return;
        }
        endpoints = now;
        closeClients();
    }

    @Override
    public void close() {
        close(front);
        closeClients();
    }

    private void serve() {
        ByteBuffer datagram = ByteBuffer.allocateDirect(MAX_DATAGRAM);
        while (front.isOpen()) {
            try {
                SocketAddress from = front.receive(datagram.clear());
                towardsEndpoint(from).write(datagram.flip());
            } catch (PortUnreachableException e) {
                LOG.log(System.Logger.Level.TRACE, "an endpoint refused a datagram", e);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "a datagram was lost", e);
            }
        }
    }

    private DatagramChannel towardsEndpoint(SocketAddress client) throws IOException {
        synchronized (clients) {
            DatagramChannel present = clients.get(client);
            if (present != null && present.isOpen()) {
                return present;
            }
            if (clients.size() >= MAX_CLIENTS) {
                var oldest = clients.entrySet().iterator();
                close(oldest.next().getValue());
                oldest.remove();
            }
            InetSocketAddress target = endpoints.choose(client);
            DatagramChannel made = DatagramChannel.open(family(target));
            made.connect(target);
            clients.put(client, made);
            Thread.ofVirtual().start(() -> answer(made, client));
            return made;
        }
    }

    private void answer(DatagramChannel endpoint, SocketAddress client) {
        ByteBuffer datagram = ByteBuffer.allocate(MAX_DATAGRAM);
        while (endpoint.isOpen()) {
            try {
                endpoint.read(datagram.clear());
                front.send(datagram.flip(), client);
            } catch (PortUnreachableException e) {
                LOG.log(System.Logger.Level.TRACE, "an endpoint refused a datagram", e);
            } catch (IOException e) {
                close(endpoint);
            }
        }
    }

    private void closeClients() {
        synchronized (clients) {
            clients.values().forEach(UdpForward::close);
            clients.clear();
        }
    }

    private static StandardProtocolFamily family(InetSocketAddress address) {
        return address.getAddress().getAddress().length == 4
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    private static void close(DatagramChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.TRACE, "a socket was closed already", e);
        }
    }
}
