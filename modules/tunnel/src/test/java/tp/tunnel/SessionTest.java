package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static tp.tunnel.Tunnels.eventually;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tp.spi.common.TpException;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;

/** Whole sessions over loopback: what an application sees of flows, datagrams, names and ends. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(Sockets.class)
class SessionTest {

    private static final long BULK_BYTES = 256L << 20;

    /** More than one read, and less than what one kernel takes. */
    private static final long LEFT_BYTES = 1 << 20;

    private static final int SMALL_BUFFER_BYTES = 1 << 16;

    static {
        Leaks.watch();
    }

    private final Sockets sockets;
    private Tunnels tunnels;

    SessionTest(Sockets sockets) {
        this.sockets = sockets;
    }

    @AfterAll
    static void nothingLeaked() {
        Leaks.assertNone();
    }

    @BeforeEach
    void start() throws Exception {
        assumeTrue(sockets.isAvailable(), "not run: sockets of epoll need Linux on x86_64");
        tunnels = new Tunnels(sockets);
    }

    @AfterEach
    void stop() {
        tunnels.close();
    }

    @Test
    void bulkComesThroughWholeInBothDirections() throws Exception {
        tunnels.open();
        BlockingQueue<byte[]> farHash = new ArrayBlockingQueue<>(1);
        try (Far sink =
                        new Far(
                                socket -> {
                                    farHash.add(hash(socket.getInputStream()));
                                    socket.getOutputStream().write(1);
                                    socket.close();
                                });
                Far source =
                        new Far(
                                socket -> {
                                    fill(socket.getOutputStream(), BULK_BYTES);
                                    socket.close();
                                })) {
            long start = System.nanoTime();
            try (Socket up = connect(tunnels.door(sink.address()))) {
                fill(up.getOutputStream(), BULK_BYTES);
                up.shutdownOutput();
                assertThat(up.getInputStream().read()).isEqualTo(1);
            }
            print("up", start);
            start = System.nanoTime();
            try (Socket down = connect(tunnels.door(source.address()))) {
                assertThat(hash(down.getInputStream())).isEqualTo(farHash.take());
            }
            print("down", start);
        }
    }

    private static void print(String direction, long startNs) {
        System.out.printf(
                "tunnel %s: %.2f Gbit/s%n",
                direction, BULK_BYTES * 8.0 / (System.nanoTime() - startNs));
    }

    @Test
    void twoHundredFlowsAtOnceEachGetTheirOwnBytes() throws Exception {
        tunnels.open();
        try (Far echo = Far.echo()) {
            InetSocketAddress door = tunnels.door(echo.address());
            Socket[] sockets = new Socket[200];
            for (int i = 0; i < sockets.length; i++) {
                sockets[i] = connect(door);
                sockets[i]
                        .getOutputStream()
                        .write(("flow " + i + ".").getBytes(StandardCharsets.US_ASCII));
            }
            for (int i = 0; i < sockets.length; i++) {
                byte[] wanted = ("flow " + i + ".").getBytes(StandardCharsets.US_ASCII);
                assertThat(sockets[i].getInputStream().readNBytes(wanted.length)).isEqualTo(wanted);
                sockets[i].close();
            }
        }
    }

    @Test
    void shortConnectionsAreNotMixedUpAndLeaveNothingBehind() throws Exception {
        ClientSession session = tunnels.open();
        try (Far echo = Far.echo()) {
            InetSocketAddress door = tunnels.door(echo.address());
            AtomicInteger next = new AtomicInteger();
            AtomicInteger right = new AtomicInteger();
            Thread[] workers = new Thread[8];
            for (int w = 0; w < workers.length; w++) {
                workers[w] = Thread.ofVirtual().start(() -> churn(door, next, right));
            }
            for (Thread worker : workers) {
                worker.join();
            }
            assertThat(right).hasValue(5_000);
        }
        eventually(() -> session.statistics().openFlows() == 0);
    }

    private static void churn(InetSocketAddress door, AtomicInteger next, AtomicInteger right) {
        int n;
        while ((n = next.getAndIncrement()) < 5_000) {
            byte[] wanted = "%08d".formatted(n).getBytes(StandardCharsets.US_ASCII);
            try (Socket socket = connect(door)) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(wanted);
                if (java.util.Arrays.equals(
                        wanted, socket.getInputStream().readNBytes(wanted.length))) {
                    right.incrementAndGet();
                }
            } catch (IOException e) {
                System.out.println("churn: " + e);
            }
        }
    }

    @Test
    void aHalfCloseStillReadsTheWholeAnswer() throws Exception {
        tunnels.open();
        try (Far far =
                        new Far(
                                socket -> {
                                    byte[] all = socket.getInputStream().readAllBytes();
                                    socket.getOutputStream().write(all);
                                    socket.getOutputStream().write(all);
                                    socket.close();
                                });
                Socket socket = connect(tunnels.door(far.address()))) {
            socket.getOutputStream().write(new byte[300_000]);
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).hasSize(600_000);
        }
    }

    @Test
    void aResetByTheServiceArrivesAsAResetAfterTheBytesBeforeIt() throws Exception {
        tunnels.open();
        try (Far far =
                        new Far(
                                socket -> {
                                    socket.getOutputStream().write(new byte[1000]);
                                    int ignored = socket.getInputStream().read();
                                    socket.setSoLinger(true, 0);
                                    socket.close();
                                });
                Socket socket = connect(tunnels.door(far.address()))) {
            InputStream in = socket.getInputStream();
            assertThat(in.readNBytes(1000)).hasSize(1000);
            socket.getOutputStream().write(1);
            assertThatThrownBy(in::read)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void aResetByTheApplicationArrivesAsAReset() throws Exception {
        tunnels.open();
        BlockingQueue<String> end = new ArrayBlockingQueue<>(1);
        try (Far far = new Far(socket -> end.add(endOf(socket)))) {
            Socket socket = connect(tunnels.door(far.address()));
            socket.getOutputStream().write(new byte[10]);
            assertThat(far.awaitAccepted()).isTrue();
            socket.setSoLinger(true, 0);
            socket.close();
            assertThat(end.poll(5, TimeUnit.SECONDS)).contains("reset");
        }
    }

    @Test
    void aLostLinkResetsBothEndsAndIsNeverAnEndOfFile() throws Exception {
        tunnels.open();
        BlockingQueue<String> end = new ArrayBlockingQueue<>(1);
        try (Far far = new Far(socket -> end.add(endOf(socket)));
                Socket socket = connect(tunnels.door(far.address()))) {
            socket.getOutputStream().write(new byte[10]);
            assertThat(far.awaitAccepted()).isTrue();
            tunnels.cut();
            assertThat(endOf(socket)).contains("reset");
            assertThat(end.poll(5, TimeUnit.SECONDS)).contains("reset");
            assertThat(tunnels.closed.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aDialEndsAsTheFarConnectDid() throws Exception {
        ClientSession session = tunnels.open();
        InetSocketAddress closed;
        try (ServerSocket freed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = (InetSocketAddress) freed.getLocalSocketAddress();
        }
        assertThat(dial(session, closed)).isEqualTo(DialOutcome.REFUSED);
        tunnels.verdict = DialOutcome.PROHIBITED;
        assertThat(dial(session, closed)).isEqualTo(DialOutcome.PROHIBITED);
        eventually(() -> session.statistics().openFlows() == 0);
    }

    @Test
    void aSlowReaderHoldsTheSenderBack() throws Exception {
        ClientSession session = tunnels.open();
        CountDownLatch read = new CountDownLatch(1);
        try (Far far =
                        new Far(
                                socket -> {
                                    await(read);
                                    hash(socket.getInputStream());
                                });
                Socket socket = connect(tunnels.door(far.address()))) {
            Thread sender = Thread.ofVirtual().start(() -> fillQuietly(socket));
            assertThat(sender.join(java.time.Duration.ofSeconds(2))).isFalse();
            // The flow's window, and what two kernels hold: far less than what the sender has.
            assertThat(session.statistics().bytesSent()).isLessThan(32 << 20);
            read.countDown();
        }
    }

    /**
     * What it left in the kernel is more than the flow's credit, and the kernel tells of the end
     * before that is read. The other direction has ended too.
     */
    @Test
    void aSenderThatIsDoneIsNotReadAheadOfASlowReader() throws Exception {
        ClientSession session = tunnels.open();
        CountDownLatch read = new CountDownLatch(1);
        BlockingQueue<Long> got = new ArrayBlockingQueue<>(1);
        try (Far far =
                        new Far(
                                SMALL_BUFFER_BYTES,
                                socket -> {
                                    socket.shutdownOutput();
                                    await(read);
                                    InputStream in = socket.getInputStream();
                                    got.add(in.transferTo(OutputStream.nullOutputStream()));
                                });
                Socket socket = connect(tunnels.door(far.address()))) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            long written = fillUp(socket.getOutputStream(), session);
            fill(socket.getOutputStream(), LEFT_BYTES);
            socket.shutdownOutput();
            assertThat(Quiet.of(() -> session.statistics().bytesSent())).isLessThan(written);
            Quiet.assertLoopsRest();
            read.countDown();
            assertThat(got.poll(20, TimeUnit.SECONDS)).isEqualTo(written + LEFT_BYTES);
        }
    }

    @Test
    void datagramsAreEchoedAndAnUnreachablePortIsSaid() throws Exception {
        ClientSession session = tunnels.open();
        try (DatagramSocket far = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> echo(far));
            UdpAnswers answers = new UdpAnswers();
            UdpFlow flow =
                    session.openUdp((InetSocketAddress) far.getLocalSocketAddress(), answers);
            assertThat(flow.send(ByteBuffer.wrap(new byte[1200]))).isTrue();
            assertThat(answers.said.poll(5, TimeUnit.SECONDS)).isEqualTo("1200");
            end(far);
            eventually(
                    () -> {
                        flow.send(ByteBuffer.wrap(new byte[1]));
                        return "REFUSED".equals(answers.said.poll());
                    });
        }
    }

    @Test
    void questionsAreAnswered() throws Exception {
        ClientSession session = tunnels.open();
        BlockingQueue<ByteBuffer> answers = new ArrayBlockingQueue<>(1);
        session.query(
                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                false,
                new DnsListener() {
                    @Override
                    public void answered(ByteBuffer message) {
                        answers.add(message);
                    }

                    @Override
                    public void failed() {
                        answers.add(ByteBuffer.allocate(0));
                    }
                });
        assertThat(answers.poll(5, TimeUnit.SECONDS))
                .isEqualTo(ByteBuffer.wrap(new byte[] {0x54, 2, 3}));
    }

    @Test
    void anotherKeyIsRefusedByTheClient() throws Exception {
        ServerPin other = TestKey.create().pin();
        assertThatThrownBy(() -> tunnels.open("right", other))
                .isInstanceOf(TpException.class)
                .hasMessageContaining("key");
        assertThat(tunnels.server.sessions()).isZero();
    }

    @Test
    void anotherTokenIsRefusedByTheManager() {
        assertThatThrownBy(() -> tunnels.open("wrong", tunnels.key.pin()))
                .isInstanceOf(TpException.class)
                .hasMessageContaining("the token is not for this manager")
                .hasMessageNotContaining("wrong");
        assertThat(tunnels.server.sessions()).isZero();
    }

    @Test
    void aRevokedSessionEnds() throws Exception {
        tunnels.open();
        tunnels.control().revoke("rights were taken away");
        assertThat(tunnels.closed.await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aFlowNoLongerAllowedIsReset() throws Exception {
        tunnels.open();
        try (Far echo = Far.echo();
                Socket socket = connect(tunnels.door(echo.address()))) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            tunnels.verdict = DialOutcome.PROHIBITED;
            tunnels.control().recheck();
            assertThat(endOf(socket)).contains("reset");
        }
    }

    // ---- what the tests are made of

    private static DialOutcome dial(ClientSession session, InetSocketAddress target)
            throws Exception {
        BlockingQueue<DialOutcome> outcome = new ArrayBlockingQueue<>(1);
        session.dial(target, (ended, flow) -> outcome.add(ended));
        return java.util.Objects.requireNonNull(outcome.poll(5, TimeUnit.SECONDS));
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static String endOf(Socket socket) {
        try {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8192];
            while (in.read(buffer) >= 0) {
                // Until the end, whichever it is.
            }
            return "end of file";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static void fill(OutputStream out, long bytes) throws IOException {
        byte[] chunk = new byte[1 << 16];
        for (int i = 0; i < chunk.length; i++) {
            chunk[i] = (byte) (i * 31 + (i >> 8));
        }
        for (long done = 0; done < bytes; done += chunk.length) {
            chunk[0] = (byte) (done >> 16);
            chunk[1] = (byte) (done >> 24);
            out.write(chunk);
        }
    }

    /** {@return how much was written when the flow took no more} */
    private static long fillUp(OutputStream out, ClientSession session)
            throws IOException, InterruptedException {
        long written = 0;
        do {
            fill(out, LEFT_BYTES);
            written += LEFT_BYTES;
        } while (Quiet.of(() -> session.statistics().bytesSent()) == written);
        return written;
    }

    private static void fillQuietly(Socket socket) {
        try {
            fill(socket.getOutputStream(), 256 << 20);
        } catch (IOException e) {
            System.out.println("sender: " + e.getMessage());
        }
    }

    private static byte[] hash(InputStream in) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return digest.digest();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void echo(DatagramSocket socket) {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        try {
            while (true) {
                socket.receive(packet);
                socket.send(packet);
            }
        } catch (IOException e) {
            // Closed: the test goes on without it.
        }
    }

    private static void end(DatagramSocket socket) {
        socket.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class UdpAnswers implements UdpListener {
        final BlockingQueue<String> said = new ArrayBlockingQueue<>(1000);

        @Override
        public void received(io.netty.buffer.ByteBuf payload) {
            said.add(String.valueOf(payload.readableBytes()));
        }

        @Override
        public void unreachable(DialOutcome outcome) {
            said.add(outcome.name());
        }

        @Override
        public void closed() {
            said.add("closed");
        }
    }
}
