package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tp.spi.transport.Sockets;

/** TCP flows outlive their link, or end in a reset; loops are several, so that flows move. */
class ResumeTest {

    private static final int TIMEOUT_MS = 20_000;

    private final FlowKeep keep = FlowKeep.create();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ServerSocket service = service();
    private final Semaphore established = new Semaphore(0);

    @SuppressWarnings("NullAway.Init")
    private Tunnels tunnels;

    private static ServerSocket service() {
        try {
            return new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void start(FlowGrace grace) throws Exception {
        tunnels = new Tunnels(Sockets.best(), 3, grace, keep);
        tunnels.open();
    }

    static {
        Leaks.watch();
    }

    @AfterAll
    static void nothingLeaked() {
        Leaks.assertNone();
    }

    @AfterEach
    void close() throws Exception {
        tunnels.close();
        service.close();
        threads.shutdownNow();
    }

    /** More are asked for by {@code -Dtp.resume.real}. */
    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("tp.resume.real", 3));
    }

    /** Twenty flows, known bytes both ways; the link is cut, or left for one of another kind. */
    @ParameterizedTest
    @MethodSource("seeds")
    void everyByteComesOnceInBothDirectionsWhateverIsCut(long seed) throws Exception {
        start(FlowGrace.USUAL);
        SplittableRandom random = new SplittableRandom(seed);
        int flows = 20;
        int bytes = 3_000_000;
        InetSocketAddress door = door();
        List<Future<byte[]>> hashes = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            long one = seed * 1_000 + i;
            Socket app = connect(door);
            Socket far = service.accept();
            hashes.add(send(app, one, bytes));
            hashes.add(send(far, one + 500, bytes));
            hashes.add(receive(far));
            hashes.add(receive(app));
        }
        AtomicBoolean done = new AtomicBoolean();
        Future<Integer> cuts = cutAgainAndAgain(random, done);
        for (int i = 0; i < flows; i++) {
            assertThat(hashes.get(4 * i + 2).get(60, TimeUnit.SECONDS))
                    .as("up %d", i)
                    .isEqualTo(hashes.get(4 * i).get());
            assertThat(hashes.get(4 * i + 3).get(60, TimeUnit.SECONDS))
                    .as("down %d", i)
                    .isEqualTo(hashes.get(4 * i + 1).get());
        }
        done.set(true);

        System.out.println("seed " + seed + ": " + cuts.get() + " cuts, " + keep.statistics());
        assertThat(cuts.get()).isPositive();
        assertThat(keep.statistics().lost()).isZero();
        Tunnels.eventually(() -> tunnels.server.statistics().flows() == 0);
        countsOf((long) flows * bytes);
    }

    /** Each resume is counted at both ends, and bytes of links that are over too. */
    private void countsOf(long bytes) {
        FlowKeep.Statistics here = keep.statistics();
        ServerStatistics there = tunnels.server.statistics();
        assertThat(here.retained()).isZero();
        assertThat(here.waiting()).isZero();
        assertThat(here.traffic().bytesReceived()).isEqualTo(bytes);
        assertThat(here.traffic().bytesSent()).isGreaterThanOrEqualTo(bytes);
        assertThat(there.kept().resumed()).isGreaterThanOrEqualTo(here.resumed());
        assertThat(there.kept().waiting()).isZero();
        assertThat(there.kept().bytes()).isZero();
        assertThat(there.traffic().bytesReceived()).isEqualTo(bytes);
    }

    private Future<Integer> cutAgainAndAgain(SplittableRandom random, AtomicBoolean done) {
        return threads.submit(
                () -> {
                    int cuts = 0;
                    while (!done.get()) {
                        Thread.sleep(random.nextInt(40));
                        ClientSession old = tunnels.session();
                        boolean left = random.nextInt(3) == 0;
                        if (!left) {
                            tunnels.cut();
                            cuts++;
                            Thread.sleep(random.nextInt(20));
                        }
                        open(random.nextBoolean());
                        if (left) {
                            keep.moveFrom(old);
                            old.close();
                        }
                    }
                    return cuts;
                });
    }

    private void open(boolean onChannel) throws Exception {
        if (onChannel) {
            tunnels.openOnChannel();
        } else {
            tunnels.open();
        }
    }

    @Test
    void aFlowGoesOverToALinkThatIsBetterWhileTheOldOneWorks() throws Exception {
        start(FlowGrace.USUAL);
        ClientSession old = tunnels.open();
        Pair pair = pair();
        Future<byte[]> sent = send(pair.app(), 7, 20_000_000);
        Future<byte[]> back = send(pair.far(), 8, 20_000_000);
        Future<byte[]> got = receive(pair.far());
        Future<byte[]> gotBack = receive(pair.app());
        tunnels.open();
        keep.moveFrom(old);

        assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(sent.get());
        assertThat(gotBack.get(30, TimeUnit.SECONDS)).isEqualTo(back.get());
        assertThat(keep.statistics().resumed()).isEqualTo(1);
        Tunnels.eventually(() -> old.statistics().openFlows() == 0);
        old.close();
    }

    @Test
    void whereTheManagerKeepsNothingItIsAResetAndNoSilence() throws Exception {
        start(new FlowGrace(Duration.ZERO, 0, 0));
        Pair pair = pair();
        tunnels.cut();
        assertReset(pair.far());
        tunnels.open();

        assertReset(pair.app());
        assertThat(keep.statistics().lost()).isEqualTo(1);
    }

    @Test
    void afterTheGraceTheServiceSeesAResetAndThenTheApplication() throws Exception {
        start(new FlowGrace(Duration.ofMillis(200), 1 << 20, 10));
        Pair pair = pair();
        tunnels.cut();

        assertReset(pair.far());
        tunnels.open();
        assertReset(pair.app());
        assertThat(keep.statistics().notKept()).isEqualTo(1);
        assertThat(tunnels.server.statistics().kept().dropped()).isEqualTo(1);
    }

    /** The longest lost makes room. */
    @Test
    void onlySoManyAreKept() throws Exception {
        start(new FlowGrace(Duration.ofMinutes(1), 1 << 20, 2));
        InetSocketAddress door = door();
        List<Socket> apps = new ArrayList<>();
        List<Socket> fars = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            apps.add(connect(door));
            fars.add(service.accept());
        }
        tunnels.cut();
        Tunnels.eventually(() -> fars.stream().filter(ResumeTest::isReset).count() == 1);
        tunnels.open();

        Tunnels.eventually(() -> keep.statistics().resumed() == 2);
        assertThat(keep.statistics().lost()).isEqualTo(1);
        for (Socket app : apps) {
            app.close();
        }
    }

    /** Who has left many flows behind loses of its own, and not another's that waits longer. */
    @Test
    void whoKeepsTheMostMakesRoom() throws Exception {
        start(new FlowGrace(Duration.ofMinutes(1), 1 << 20, 2));
        Pair modest = pair();
        try (Tunnels.Client greedy = tunnels.client("greedy")) {
            InetSocketAddress door =
                    greedy.door((InetSocketAddress) service.getLocalSocketAddress());
            List<Socket> apps = new ArrayList<>();
            List<Socket> fars = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                apps.add(new Socket(door.getAddress(), door.getPort()));
                fars.add(service.accept());
            }
            tunnels.cut();
            Tunnels.eventually(() -> tunnels.server.statistics().kept().waiting() == 1);
            greedy.cut();
            Tunnels.eventually(() -> fars.stream().filter(ResumeTest::isReset).count() == 2);
            for (Socket app : apps) {
                app.close();
            }
        }
        tunnels.open();

        Tunnels.eventually(() -> keep.statistics().resumed() == 1);
        assertThat(isReset(modest.far())).isFalse();
    }

    /** A secret alone opens nothing. */
    @Test
    void nobodyElseIsGivenTheFlow() throws Exception {
        start(FlowGrace.USUAL);
        Pair pair = pair();
        tunnels.cut();
        tunnels.subject = "somebody else";
        tunnels.open();

        assertReset(pair.app());
        pair.far().setSoTimeout(300);
        assertThatThrownBy(() -> pair.far().getInputStream().read())
                .isInstanceOf(java.net.SocketTimeoutException.class);
        pair.far().close();
    }

    @Test
    void whatIsForbiddenMeanwhileDoesNotGoOn() throws Exception {
        start(FlowGrace.USUAL);
        Pair pair = pair();
        tunnels.cut();
        tunnels.verdict = DialOutcome.PROHIBITED;
        tunnels.open();

        assertReset(pair.app());
        assertReset(pair.far());
    }

    @Test
    void whatTheApplicationGaveUpMeanwhileEndsAtTheServiceToo() throws Exception {
        start(FlowGrace.USUAL);
        Pair pair = pair();
        tunnels.cut();
        Tunnels.eventually(() -> keep.statistics().waiting() == 1);
        pair.app().setSoLinger(true, 0);
        pair.app().close();
        Tunnels.eventually(() -> keep.statistics().waiting() == 0);
        tunnels.open();

        assertReset(pair.far());
    }

    /** The service said all and ended; that has to come, whatever the link does. */
    @Test
    void anEndInOrderWhileThereIsNoLinkIsOneInOrder() throws Exception {
        start(FlowGrace.USUAL);
        Pair pair = pair();
        tunnels.cut();
        Tunnels.eventually(() -> keep.statistics().waiting() == 1);
        pair.far().getOutputStream().write(new byte[100]);
        pair.far().shutdownOutput();
        pair.app().getOutputStream().write(new byte[50]);
        pair.app().shutdownOutput();
        tunnels.open();

        assertThat(pair.app().getInputStream().readAllBytes()).hasSize(100);
        assertThat(pair.far().getInputStream().readAllBytes()).hasSize(50);
    }

    @Test
    void aManagerThatStartedAnewHasNoneOfThem() throws Exception {
        start(FlowGrace.USUAL);
        Pair pair = pair();
        tunnels.epoch = Tunnels.WELCOME.epoch() + 1;
        tunnels.cut();
        tunnels.open();

        assertReset(pair.app());
        assertThat(keep.statistics().lost()).isEqualTo(1);
        pair.far().close();
    }

    /** While the manager asks its rules about it on behalf of one link, that link is lost too. */
    @Test
    void aSecondCutWhileItIsBeingResumedIsOneCutMore() throws Exception {
        start(FlowGrace.USUAL);
        Pair pair = pair();
        Semaphore asked = new Semaphore(0);
        CountDownLatch answer = new CountDownLatch(1);
        tunnels.onStay =
                () -> {
                    asked.release();
                    await(answer);
                };
        tunnels.cut();
        tunnels.open();
        assertThat(asked.tryAcquire(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isTrue();
        tunnels.cut();
        tunnels.open();
        Tunnels.eventually(() -> keep.statistics().waiting() == 1);
        answer.countDown();

        pair.app().getOutputStream().write(42);
        pair.far().setSoTimeout(TIMEOUT_MS);
        assertThat(pair.far().getInputStream().read()).isEqualTo(42);
        pair.app().close();
    }

    @Test
    void whoeverGoesTakesHisFlowsAlong() throws Exception {
        start(FlowGrace.USUAL);
        Pair pair = pair();
        tunnels.session().close();

        assertReset(pair.far());
        assertReset(pair.app());
    }

    /** The manager has connected, and the laptop has not heard of it yet. */
    @Test
    void aDialThatIsGivenUpAtTheLastMomentIsNotKept() throws Exception {
        start(FlowGrace.USUAL);
        CountDownLatch allowed = new CountDownLatch(1);
        CountDownLatch laptop = new CountDownLatch(1);
        Semaphore asked = new Semaphore(0);
        tunnels.onReach =
                () -> {
                    asked.release();
                    await(allowed);
                };
        ClientSession session = tunnels.session();
        TcpFlow flow =
                session.dial(
                        (InetSocketAddress) service.getLocalSocketAddress(), (outcome, made) -> {});
        assertThat(asked.tryAcquire(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isTrue();
        session.loop().execute(() -> await(laptop));
        allowed.countDown();
        Socket far = service.accept();
        flow.reset();
        laptop.countDown();

        assertReset(far);
    }

    // ---- the two ends

    private record Pair(Socket app, Socket far) {}

    private Pair pair() throws Exception {
        Socket app = connect(door());
        return new Pair(app, service.accept());
    }

    private InetSocketAddress door() throws Exception {
        return tunnels.door(
                flow -> established.release(), (InetSocketAddress) service.getLocalSocketAddress());
    }

    /** Returns when the flow is a flow: before that a cut is told to the application at once. */
    private Socket connect(InetSocketAddress door) throws Exception {
        Socket app = new Socket();
        app.connect(door, TIMEOUT_MS);
        app.setSoTimeout(TIMEOUT_MS);
        assertThat(established.tryAcquire(TIMEOUT_MS, TimeUnit.MILLISECONDS)).isTrue();
        return app;
    }

    private Future<byte[]> send(Socket to, long seed, int bytes) {
        return threads.submit(
                () -> {
                    MessageDigest digest = MessageDigest.getInstance("SHA-256");
                    SplittableRandom random = new SplittableRandom(seed);
                    byte[] part = new byte[10_000];
                    OutputStream out = to.getOutputStream();
                    for (int left = bytes; left > 0; left -= part.length) {
                        random.nextBytes(part);
                        digest.update(part);
                        out.write(part);
                    }
                    to.shutdownOutput();
                    return digest.digest();
                });
    }

    private Future<byte[]> receive(Socket from) {
        Callable<byte[]> work =
                () -> {
                    MessageDigest digest = MessageDigest.getInstance("SHA-256");
                    byte[] part = new byte[64 * 1024];
                    InputStream in = from.getInputStream();
                    for (int count = in.read(part); count >= 0; count = in.read(part)) {
                        digest.update(part, 0, count);
                    }
                    return digest.digest();
                };
        return threads.submit(work);
    }

    private static void assertReset(Socket socket) throws IOException {
        socket.setSoTimeout(TIMEOUT_MS);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(java.net.SocketTimeoutException.class)
                .hasMessageContaining("reset");
        socket.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isReset(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
