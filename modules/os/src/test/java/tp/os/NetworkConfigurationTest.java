package tp.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.Cidr;

class NetworkConfigurationTest {

    @Test
    void setsAndReadsWhatIpShows() throws Exception {
        assertThat(OwnNetwork.run(Configures.class)).endsWith("all held\n");
    }

    /** Java makes IPv6 sockets with mapped addresses, or IPv4 sockets where it is told to. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void endsSocketsAfterTheirAddressIsGone(boolean ipv4) throws Exception {
        String option = "-Djava.net.preferIPv4Stack=" + ipv4;
        assertThat(OwnNetwork.run(Destroys.class, option)).endsWith("all held\n");
    }

    @Test
    void readsWithoutAnyRight() throws IOException {
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            assertThat(network.link("lo")).isPresent();
            assertThat(network.routes())
                    .anyMatch(route -> route.destination().equals(Cidr.parse("127.0.0.0/8")));
        }
    }

    @Test
    void attributesThatDoNotFitEndTheWalk() {
        ByteBuffer body = LinuxLibrary.memory(16);
        body.putShort(0, (short) 8).putShort(2, (short) 1).putInt(4, 42);
        body.putShort(8, (short) 9).putShort(10, (short) 2);
        int[] seen = new int[3];
        NetlinkSocket.attributes(body, 0, (type, value) -> seen[type]++);
        assertThat(seen).containsExactly(0, 1, 0);
        body.putShort(8, (short) 0);
        NetlinkSocket.attributes(body, 0, (type, value) -> seen[type]++);
        assertThat(seen).containsExactly(0, 2, 0);
    }

    static final class Configures {

        public static void main(String[] arguments) throws Exception {
            try (PacketDevice device = Tun.adopt(Tun.create("tp0123abcd"));
                    NetworkConfiguration network = NetworkConfiguration.open()) {
                NetworkLink link = network.link(device.name()).orElseThrow();
                assertThat(link.up()).isFalse();
                List<InterfaceAddress> addresses =
                        List.of(
                                InterfaceAddress.parse("10.254.7.1/24"),
                                InterfaceAddress.parse("fd74:7470::1/64"));
                for (InterfaceAddress address : addresses) {
                    network.addAddress(link, address);
                }
                network.bringUp(link, 65_520);
                assertThat(network.link("tp0123abcd"))
                        .hasValue(new NetworkLink(link.index(), "tp0123abcd", true, 65_520));
                assertThat(ofLink(network, link)).containsExactlyInAnyOrderElementsOf(addresses);
                assertThat(TunTest.Echo.command("ip -o addr show dev tp0123abcd"))
                        .contains("10.254.7.1/24", "fd74:7470::1/64")
                        .doesNotContain("fe80", "tentative");
                routes(network, link);
                network.deleteAddress(link, addresses.getFirst());
                assertThat(ofLink(network, link)).containsExactly(addresses.getLast());
            }
            System.out.println("all held");
        }

        private static List<InterfaceAddress> ofLink(NetworkConfiguration network, NetworkLink link)
                throws IOException {
            return network.addresses().stream()
                    .filter(address -> address.linkIndex() == link.index())
                    .map(LinkAddress::address)
                    .toList();
        }

        private static void routes(NetworkConfiguration network, NetworkLink link)
                throws Exception {
            List<Route> before = network.routes();
            assertThat(before)
                    .contains(
                            new Route(
                                    Cidr.parse("10.254.7.1/32"),
                                    255,
                                    link.index(),
                                    Route.Kind.LOCAL,
                                    0));
            List<Cidr> wanted =
                    List.of(
                            Cidr.parse("10.96.0.0/16"),
                            Cidr.parse("203.0.113.9/32"),
                            Cidr.parse("fd00:10:96::/112"));
            for (Cidr range : wanted) {
                network.addRoute(link, range);
            }
            assertThat(TunTest.Echo.command("ip route"))
                    .contains("10.96.0.0/16 dev tp0123abcd", "203.0.113.9 dev tp0123abcd");
            assertThat(TunTest.Echo.command("ip -6 route"))
                    .contains("fd00:10:96::/112 dev tp0123abcd");
            assertThatThrownBy(() -> network.addRoute(link, wanted.getFirst()))
                    .hasMessageContaining("EEXIST");
            assertThat(network.routes()).hasSize(before.size() + wanted.size());
            for (Cidr range : wanted) {
                network.deleteRoute(link, range);
            }
            assertThat(network.routes()).containsExactlyInAnyOrderElementsOf(before);
            TunTest.Echo.command("ip route add 192.0.2.0/24 dev tp0123abcd table 77");
            assertThat(network.routes()).anyMatch(route -> route.table() == 77);
        }
    }

    /** Both ends of each connection are local, one with an address of the device. */
    static final class Destroys {

        public static void main(String[] arguments) throws Exception {
            TunTest.Echo.command("ip addr add 10.254.9.9/32 dev lo");
            TunTest.Echo.command("ip addr add fd74:9::9/128 dev lo nodad");
            Descriptor tun = Tun.create("tp0123abcd");
            Set<InetAddress> own =
                    Set.of(
                            InetAddress.ofLiteral("10.254.7.1"),
                            InetAddress.ofLiteral("fd74:7470::1"));
            try (NetworkConfiguration network = NetworkConfiguration.open()) {
                NetworkLink link = network.link("tp0123abcd").orElseThrow();
                network.bringUp(link, 1500);
                network.addAddress(link, InterfaceAddress.parse("10.254.7.1/24"));
                network.addAddress(link, InterfaceAddress.parse("fd74:7470::1/64"));
            }
            boolean ipv4 = Boolean.getBoolean("java.net.preferIPv4Stack");
            String local = ipv4 ? "10.254.7.1" : "fd74:7470::1";
            String remote = ipv4 ? "10.254.9.9" : "fd74:9::9";
            try (SocketChannel four = connection("10.254.7.1", "10.254.9.9");
                    SocketChannel six = connection(local, remote);
                    SocketChannel other = connection("10.254.9.9", "10.254.9.9")) {
                tun.close();
                assertThat(TunTest.Echo.command("ip -o addr")).doesNotContain("10.254.7.1");
                List<Thread> readers = List.of(failing(four), failing(six));
                assertThat(TcpSockets.destroyWithLocalAddress(own)).isGreaterThanOrEqualTo(2);
                for (Thread reader : readers) {
                    reader.join(5000);
                    assertThat(reader.isAlive()).isFalse();
                }
                other.write(ByteBuffer.allocate(1));
                assertThat(TunTest.Echo.command("ss -tanH")).contains("10.254.9.9");
                assertThat(TcpSockets.destroyWithLocalAddress(own)).isZero();
            }
            System.out.println("all held");
        }

        private static SocketChannel connection(String from, String to) throws IOException {
            ServerSocketChannel server = ServerSocketChannel.open();
            server.bind(new InetSocketAddress(to, 0));
            SocketChannel client = SocketChannel.open();
            client.bind(new InetSocketAddress(from, 0));
            client.connect(server.getLocalAddress());
            server.accept();
            return client;
        }

        private static Thread failing(SocketChannel channel) throws InterruptedException {
            CountDownLatch reads = new CountDownLatch(1);
            Thread reader =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        reads.countDown();
                                        try {
                                            int got = channel.read(ByteBuffer.allocate(1));
                                            System.out.println("not an error but " + got);
                                            System.exit(3);
                                        } catch (IOException e) {
                                            System.out.println(e.getMessage());
                                        } catch (UncheckedIOException e) {
                                            System.exit(4);
                                        }
                                    });
            reads.await();
            return reader;
        }
    }
}
