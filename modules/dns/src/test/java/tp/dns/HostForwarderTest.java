package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.dns.ResolverEnvironment;

class HostForwarderTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final byte[] QUERY = FakeUpstream.query("example.com.", "A").toWire();

    @Test
    void passesOverServersThatAreSilentOrUnableOrAbsent() throws Exception {
        try (DatagramSocket silent = server();
                DatagramSocket unable = server();
                DatagramSocket good = server()) {
            answer(unable, 0x82);
            answer(good, 0x80);

            assertThat(ask(false, silent, good)).startsWith(QUERY[0], QUERY[1], 0x81, 0x80);
            assertThat(ask(false, unable, good)).startsWith(QUERY[0], QUERY[1], 0x81, 0x80);
            assertThat(ask(false, unable)).startsWith(QUERY[0], QUERY[1], 0x81, 0x82);
            assertThat(ask(false, silent))
                    .isEqualTo("TIMED_OUT".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(ask(false, List.of(absent())))
                    .isEqualTo("BROKEN".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(ask(false))
                    .isEqualTo("NO_SERVER".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    @Test
    void aDatagramWithAnotherIdentifierIsPassedOver() throws Exception {
        try (DatagramSocket server = server()) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                reply(server, message -> message[0]++);
                            });
            assertThat(ask(false, server))
                    .isEqualTo("TIMED_OUT".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    @Test
    void asksOverTcpWhatCameOverTcp() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try (Socket peer = server.accept()) {
                                    DataInputStream in = new DataInputStream(peer.getInputStream());
                                    byte[] query = new byte[in.readUnsignedShort()];
                                    in.readFully(query);
                                    byte[] answer = Arrays.copyOf(query, 60_000);
                                    answer[2] |= (byte) 0x80;
                                    peer.getOutputStream()
                                            .write(
                                                    new byte[] {
                                                        (byte) (60_000 >> 8), (byte) 60_000
                                                    });
                                    peer.getOutputStream().write(answer);
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            byte[] answer =
                    ask(true, List.of(new InetSocketAddress(LOOPBACK, server.getLocalPort())));

            assertThat(answer).hasSize(60_000);
        }
    }

    @Test
    void readsTheServersOfTheHostButNotOurOwn() {
        ResolverEnvironment host =
                new ResolverEnvironment(
                        """
                        nameserver 100.127.1.2
                        nameserver 192.0.2.53
                        nameserver dns.example
                        nameserver 2001:db8::53
                        """,
                        "",
                        false);

        assertThat(HostServers.of(host, Set.of(InetAddress.ofLiteral("100.127.1.2"))).servers())
                .containsExactly(
                        new InetSocketAddress(InetAddress.ofLiteral("192.0.2.53"), 53),
                        new InetSocketAddress(InetAddress.ofLiteral("2001:db8::53"), 53));
    }

    /** The stub may ask tp in turn; whom it asks itself is what tp may ask. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "nameserver 127.0.0.53 | nameserver 192.0.2.53 | true | 192.0.2.53",
                "nameserver 127.0.0.53 | - | true | -",
                "nameserver 127.0.0.53 | nameserver 127.0.0.54 | true | -",
                "nameserver 127.0.0.53 | nameserver 192.0.2.53 | false | -",
                "nameserver 192.0.2.1 | nameserver 192.0.2.53 | true | 192.0.2.1",
                "nameserver 127.0.0.1 | - | false | 127.0.0.1",
            })
    void neverAsksTheStubOfSystemdResolved(
            String resolvConf, String uplinks, boolean runs, String expected) {
        String text = uplinks == null ? "" : uplinks + "\n";
        ResolverEnvironment host =
                new ResolverEnvironment(resolvConf + "\n", "", runs, text, false, false);

        assertThat(HostServers.of(host, Set.of()).servers())
                .extracting(server -> server.getAddress().getHostAddress())
                .isEqualTo(expected == null ? List.of() : List.of(expected));
    }

    private static DatagramSocket server() throws IOException {
        return new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
    }

    private static void answer(DatagramSocket server, int flags) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            while (!server.isClosed()) {
                                reply(server, message -> message[3] = (byte) flags);
                            }
                        });
    }

    private static void reply(DatagramSocket server, java.util.function.Consumer<byte[]> change) {
        try {
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            server.receive(packet);
            packet.getData()[2] |= (byte) 0x80;
            change.accept(packet.getData());
            server.send(packet);
        } catch (IOException e) {
            return; // closed at the end of the test
        }
    }

    private static byte[] ask(boolean tcp, DatagramSocket... servers) throws Exception {
        return ask(
                tcp,
                Arrays.stream(servers)
                        .map(one -> new InetSocketAddress(LOOPBACK, one.getLocalPort()))
                        .toList());
    }

    private static InetSocketAddress absent() throws IOException {
        try (DatagramSocket socket = server()) {
            return new InetSocketAddress(LOOPBACK, socket.getLocalPort());
        }
    }

    private static byte[] ask(boolean tcp, List<InetSocketAddress> servers) throws Exception {
        BlockingQueue<byte[]> ends = new ArrayBlockingQueue<>(1);
        HostServers all = new HostServers(servers, true);
        new HostForwarder(() -> all, Duration.ofMillis(300))
                .ask(
                        QUERY,
                        tcp,
                        new Upstream.Listener() {
                            @Override
                            public void answered(byte[] message) {
                                ends.add(message);
                            }

                            @Override
                            public void failed(Upstream.Failure failure) {
                                ends.add(
                                        failure.name()
                                                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
                            }
                        });
        byte[] end = ends.poll(5, TimeUnit.SECONDS);
        assertThat(end).isNotNull();
        return end;
    }
}
