package tp.daemon;

import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tp.spi.common.AddressText;
import tp.spi.common.TpException;
import tp.tunnel.TcpFlow;

/**
 * Sends one connection through device, stack and listener before anybody relies on them. A host
 * firewall that drops what comes in from the device would otherwise make every connection hang
 * without a word.
 */
final class ListenerProbe {

    /** tcpmux (RFC 1078, historic by RFC 7805): nobody else will ask for it. */
    static final int PORT = 1;

    private static final int PATIENCE_MS = 2_000;

    /** Targets whose SYN has reached the stack. */
    private final Set<InetAddress> arrived = ConcurrentHashMap.newKeySet();

    /** Targets whose connection has reached the listener. */
    private final Set<InetAddress> accepted = ConcurrentHashMap.newKeySet();

    /** {@return a flow that ends at once} */
    TcpFlow expect(InetAddress target) {
        arrived.add(target);
        return new TcpFlow() {
            @Override
            public void attach(SocketChannel channel) {
                accepted.add(target);
                channel.config().setSoLinger(-1);
                channel.close();
            }

            @Override
            public void reset() {}
        };
    }

    /**
     * Probes, and waits.
     *
     * @param target our address behind the device
     * @param listener the address on the device
     * @throws TpException naming what is in the way
     */
    void run(String device, InetAddress target, InetAddress listener) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(target, PORT), PATIENCE_MS);
        } catch (IOException e) {
            if (accepted.contains(target)) {
                return; // It came through; how it ended is of no interest.
            }
            if (!arrived.contains(target)) {
                throw outputBlocked(device, target, e);
            }
            String does = e instanceof SocketTimeoutException ? "drops" : "rejects";
            throw inputBlocked(does, device, listener, e);
        }
    }

    private static TpException inputBlocked(
            String does, String device, InetAddress listener, IOException cause) {
        boolean ipv6 = listener.getAddress().length == 16;
        String table = ipv6 ? "ip6tables" : "iptables";
        return new TpException(
                TpException.Category.ENVIRONMENT,
                "a firewall on this host %s connections from device %s to %s (its INPUT chain)"
                        .formatted(does, device, AddressText.of(listener)),
                ("accept that device, for instance with 'sudo %s -I INPUT -i tp+ -j ACCEPT' or"
                                + " 'sudo nft insert rule inet filter input iifname \"tp*\""
                                + " accept', and connect again")
                        .formatted(table),
                cause);
    }

    private static TpException outputBlocked(String device, InetAddress target, IOException cause) {
        return new TpException(
                TpException.Category.ENVIRONMENT,
                "packets to %s do not reach device %s: a firewall (its OUTPUT chain) or a routing"
                                .formatted(AddressText.of(target), device)
                        + " rule takes them ("
                        + cause.getMessage()
                        + ")",
                "look at 'sudo nft list ruleset' and 'ip rule', and connect again",
                cause);
    }
}
