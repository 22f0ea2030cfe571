package tp.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tp.daemon.LaptopDevice.DEVICE;
import static tp.daemon.LaptopDevice.DNS;
import static tp.daemon.LaptopDevice.DNS6;
import static tp.daemon.LaptopDevice.await;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import tp.stack.Counter;

/** Applications on a laptop. */
final class Laptop {

    private static final String SERVICE = "10.96.0.10";
    private static final String SERVICE6 = "fd00:10:96::10";

    private final LaptopDevice laptop;
    private final DataPlane plane;
    private final int echoPort;
    private final int resetPort;

    private Laptop(LaptopDevice laptop, DataPlane plane) throws IOException {
        this.laptop = laptop;
        this.plane = plane;
        echoPort = serve(Laptop::echo);
        resetPort = serve(Laptop::resetAfterOneByte);
    }

    /** Argument: the device's MTU, where it is not to be the usual one. */
    public static void main(String[] arguments) throws Exception {
        try (LaptopDevice laptop = device(arguments);
                DataPlane plane = laptop.start()) {
            Laptop here = new Laptop(laptop, plane);
            for (String service : List.of(SERVICE, SERVICE6)) {
                here.echoes(service, 1);
                here.echoes(service, 8 << 20);
                here.refuses(service);
                here.passesAReset(service);
                here.carriesDatagrams(service);
            }
            here.failsAsTheFarDialDid();
            here.forgetsWhoGivesUp();
            here.answersDns();
            here.servesNoStrangers();
            here.carriesManyAtOnce();
            here.leavesNothing();
            here.endsWithErrors();
        }
        System.out.println("all held");
    }

    private static LaptopDevice device(String... arguments) throws IOException {
        return arguments.length == 0
                ? new LaptopDevice()
                : new LaptopDevice(Integer.parseInt(arguments[0]));
    }

    /** Half-close: the answer ends after the question did. */
    private void echoes(String service, int size) throws Exception {
        byte[] sent = new byte[size];
        new SplittableRandom(size).nextBytes(sent);
        try (Socket socket = new Socket(service, echoPort)) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            socket.getOutputStream().write(sent);
                                            socket.shutdownOutput();
                                        } catch (IOException e) {
                                            throw new AssertionError(e);
                                        }
                                    });
            byte[] got = socket.getInputStream().readAllBytes();
            writer.join();
            assertThat(sha256(got)).isEqualTo(sha256(sent));
        }
    }

    private void refuses(String service) throws IOException {
        int closed = closedPort();
        assertThatThrownBy(() -> new Socket(service, closed))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("refused");
    }

    private void passesAReset(String service) throws IOException {
        try (Socket socket = new Socket(service, resetPort)) {
            socket.getOutputStream().write(1);
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    private void carriesDatagrams(String service) throws IOException {
        InetAddress target = InetAddress.ofLiteral(service);
        try (DatagramSocket far = new DatagramSocket();
                DatagramSocket near = new DatagramSocket()) {
            Thread.ofVirtual().start(() -> echo(far));
            near.setSoTimeout(5_000);
            int longest = target instanceof Inet6Address ? 65_527 : 65_507;
            for (int size : new int[] {1, 1_200, 1_472, 1_473, 9_000, 60_000, longest}) {
                byte[] sent = new byte[size];
                new SplittableRandom(size).nextBytes(sent);
                near.send(new DatagramPacket(sent, size, target, far.getLocalPort()));
                DatagramPacket got = new DatagramPacket(new byte[65_536], 65_536);
                near.receive(got);
                assertThat(Arrays.copyOf(got.getData(), got.getLength())).isEqualTo(sent);
                assertThat(got.getAddress()).isEqualTo(target);
                assertThat(got.getPort()).isEqualTo(far.getLocalPort());
            }
        }
        try (DatagramSocket near = new DatagramSocket()) {
            near.connect(target, closedPort());
            near.setSoTimeout(5_000);
            near.send(new DatagramPacket(new byte[1], 1));
            assertThatThrownBy(() -> near.receive(new DatagramPacket(new byte[9], 9)))
                    .isInstanceOf(PortUnreachableException.class);
        }
    }

    private void failsAsTheFarDialDid() {
        for (String host : List.of("10.96.0.11", "10.96.0.14", "fd00:10:96::11")) {
            assertThatThrownBy(() -> new Socket(host, 80))
                    .isInstanceOf(NoRouteToHostException.class);
        }
        assertThatThrownBy(() -> new Socket("10.96.0.12", 80))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("Network is unreachable");
    }

    private void forgetsWhoGivesUp() throws IOException {
        int resets = laptop.gateway.resets.get();
        for (String host : List.of("10.96.0.13", NearGateway.BLACK_HOLE)) {
            try (Socket socket = new Socket()) {
                InetSocketAddress silent = new InetSocketAddress(host, 80);
                assertThatThrownBy(() -> socket.connect(silent, 300))
                        .isInstanceOf(SocketTimeoutException.class);
            }
        }
        assertThat(plane.statistics().heldSyns()).isEqualTo(2);
        await("held SYNs are forgotten", () -> plane.statistics().heldSyns() == 0);
        assertThat(laptop.gateway.resets.get()).isEqualTo(resets + 1);
    }

    private void answersDns() throws IOException {
        for (String server : List.of(DNS, DNS6)) {
            try (DatagramSocket near = new DatagramSocket()) {
                near.connect(InetAddress.ofLiteral(server), 53);
                near.setSoTimeout(5_000);
                near.send(new DatagramPacket("query".getBytes(US_ASCII), 5));
                DatagramPacket got = new DatagramPacket(new byte[99], 99);
                near.receive(got);
                assertThat(new String(got.getData(), 0, 5, US_ASCII)).isEqualTo("Uuery");
            }
            try (Socket socket = new Socket(server, 53)) {
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                DataInputStream in = new DataInputStream(socket.getInputStream());
                for (int i = 0; i < 3; i++) {
                    out.writeUTF("query"); // a length of two bytes, then the text
                    assertThat(in.readUTF()).isEqualTo("Tuery");
                }
                out.writeUTF("queries");
                socket.shutdownOutput();
                assertThat(in.readUTF()).isEqualTo("Tueries");
                assertThat(in.read()).isEqualTo(-1);
            }
            assertThatThrownBy(() -> new Socket(server, 54)).isInstanceOf(ConnectException.class);
        }
    }

    private void servesNoStrangers() throws Exception {
        String listening =
                new String(
                        new ProcessBuilder("ss", "-Hltn", "src", DEVICE)
                                .start()
                                .getInputStream()
                                .readAllBytes(),
                        US_ASCII);
        int port =
                Integer.parseInt(listening.replaceFirst("(?s).*?" + DEVICE + "]?:(\\d+).*", "$1"));
        try (Socket socket = new Socket(DEVICE, port)) {
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(plane.statistics().strangers()).isEqualTo(1);
    }

    private void carriesManyAtOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 200; i++) {
            int size = 50_000 + i;
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            echoes(SERVICE, size);
                                        } catch (Throwable e) {
                                            failures.add(e);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private void leavesNothing() {
        await("all sockets are closed", () -> plane.statistics().sockets() == 0);
        DataPlaneStatistics statistics = plane.statistics();
        System.out.println(statistics);
        assertThat(statistics.heldSyns()).isZero();
        assertThat(statistics.failures()).isZero();
        assertThat(statistics.packets().get(Counter.MALFORMED)).isZero();
        assertThat(statistics.packets().get(Counter.REASSEMBLY_WRONG)).isZero();
        assertThat(statistics.packets().get(Counter.DATAGRAMS_REASSEMBLED)).isPositive();
        assertThat(statistics.packets().get(Counter.SENT_IN_FRAGMENTS)).isPositive();
        assertThat(statistics.reassembling()).isZero();
    }

    private void endsWithErrors() throws Exception {
        try (Socket open = new Socket(SERVICE, echoPort);
                Socket held = new Socket()) {
            Thread closer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        await("held", () -> plane.statistics().heldSyns() == 1);
                                        plane.close();
                                    });
            InetSocketAddress silent = new InetSocketAddress(NearGateway.BLACK_HOLE, 80);
            assertThatThrownBy(() -> held.connect(silent, 5_000))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("Network is unreachable");
            assertThatThrownBy(() -> open.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            closer.join();
        }
    }

    private interface Service {
        void serve(Socket socket) throws IOException;
    }

    private static int serve(Service service) throws IOException {
        ServerSocket server = new ServerSocket(0, 500, InetAddress.ofLiteral("::"));
        Thread.ofVirtual()
                .start(
                        () -> {
                            while (true) {
                                try {
                                    Socket socket = server.accept();
                                    Thread.ofVirtual().start(() -> run(service, socket));
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            }
                        });
        return server.getLocalPort();
    }

    private static void run(Service service, Socket socket) {
        try (socket) {
            service.serve(socket);
        } catch (IOException e) {
            // The test's own end of the connection tells the story.
        }
    }

    private static void echo(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        in.transferTo(socket.getOutputStream());
        socket.shutdownOutput();
    }

    private static void resetAfterOneByte(Socket socket) throws IOException {
        assertThat(socket.getInputStream().read()).isEqualTo(1);
        socket.setSoLinger(true, 0);
    }

    private static void echo(DatagramSocket socket) {
        byte[] bytes = new byte[65_536];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                socket.receive(packet);
                socket.send(packet);
            }
        } catch (IOException e) {
            assertThat(socket.isClosed()).isTrue();
        }
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }
}
