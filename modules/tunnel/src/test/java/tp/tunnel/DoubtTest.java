package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a link whose peer is not heard, or does not hear, is doubted; in virtual time. */
class DoubtTest {

    private static final int SEEDS = 100;
    private static final long QUESTION_MS = 500;

    /** What both kinds of links have in common, and what they do not. */
    enum Kind {
        STREAMS,
        ONE_PIPE
    }

    static {
        Leaks.watch();
    }

    private final List<String> told = new ArrayList<>();
    private VirtualWorld world = new VirtualWorld(0, 1);

    /** A laptop that asks the cluster's DNS all the time, and a manager that answers at once. */
    private final class Run implements SessionListener {

        private final FlowKeep keep = FlowKeep.create();
        private final SessionServer server;
        private final VirtualLink link;
        private final ClientSession session;
        private int answers;
        private int lost;

        Run(Kind kind, long seed) throws SSLException {
            world = new VirtualWorld(seed, 1);
            told.clear();
            server =
                    SessionServer.of(
                            Tls.server(TestKey.SHARED),
                            (hello, peer) -> new Admission.Granted(new Grant()),
                            world.manager,
                            FlowGrace.USUAL,
                            world);
            link = link(kind);
            session = session(link, this);
            keep.carry(session);
            pass(1_000);
            ask();
            pass(world.between(2_000, 12_000));
            assertThat(answers).isPositive();
        }

        VirtualLink link(Kind kind) {
            return kind == Kind.STREAMS
                    ? VirtualLink.withStreams(world, server)
                    : VirtualLink.ofOnePipe(world, server);
        }

        ClientSession session(VirtualLink over, SessionListener listener) {
            return ClientSession.begin(
                    over.client(),
                    new ClientHello("doubt", "right", MappingRequest.everything()),
                    listener,
                    keep,
                    InstantSource.fixed(Instant.EPOCH));
        }

        private void ask() {
            session.query(
                    ByteBuffer.allocate(12),
                    false,
                    new DnsListener() {
                        @Override
                        public void answered(ByteBuffer message) {
                            answers++;
                        }

                        @Override
                        public void failed() {
                            told.add("a question failed");
                        }

                        @Override
                        public void lost() {
                            lost++;
                        }
                    });
            if (told.isEmpty()) {
                world.laterMs(QUESTION_MS, this::ask);
            }
        }

        @Override
        public void updated(Welcome welcome) {}

        @Override
        public void doubtful(String reason) {
            told.add(reason);
        }

        @Override
        public void closed(String reason) {
            told.add("closed");
        }

        void end() {
            keep.end();
            session.loop().execute(session::close);
            pass(2_000);
            world.end();
        }
    }

    private static final class Grant implements SessionGrant {
        @Override
        public Welcome welcome() {
            return Tunnels.WELCOME;
        }

        @Override
        public String subject() {
            return "somebody";
        }

        @Override
        public void opened(SessionControl control) {}

        @Override
        public DialOutcome mayReach(InetAddress address, int port) {
            return DialOutcome.ESTABLISHED;
        }

        @Override
        public void answer(byte[] query, boolean tcp, Consumer<byte[]> reply) {
            reply.accept(query);
        }

        @Override
        public Optional<String> renew(String token) {
            return Optional.empty();
        }

        @Override
        public Optional<String> remap(MappingRequest wanted) {
            return Optional.empty();
        }

        @Override
        public void closed() {}
    }

    private void pass(long ms) {
        long endNs = world.nowNs() + TimeUnit.MILLISECONDS.toNanos(ms);
        while (world.nowNs() < endNs && world.step()) {
            // Whatever is due runs.
        }
    }

    private long untilToldMs() {
        long fromNs = world.nowNs();
        while (told.isEmpty() && world.step()) {
            // Whatever is due runs.
        }
        return TimeUnit.NANOSECONDS.toMillis(world.nowNs() - fromNs);
    }

    @AfterAll
    static void nothingLeaked() {
        Leaks.assertNone();
    }

    @AfterEach
    void end() {
        world.end();
    }

    @ParameterizedTest
    @EnumSource
    void aLinkThatIsLostIsDoubtedInLessThanFourSeconds(Kind kind) throws SSLException {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(kind, seed);
            run.link.lose();
            assertThat(untilToldMs()).as("seed %d", seed).isBetween(2_000L, 4_000L);
            assertThat(told).containsExactly("the manager does not answer heartbeats");
            run.end();
        }
    }

    @ParameterizedTest
    @EnumSource
    void soIsOneOnWhichOnlyTheManagerIsHeard(Kind kind) throws SSLException {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(kind, seed);
            run.link.loseUp();
            assertThat(untilToldMs()).as("seed %d", seed).isBetween(1_500L, 4_250L);
            assertThat(told).containsExactly("the manager hears nothing of this machine");
            run.end();
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThatStandsStillForTwoSecondsIsNot(Kind kind) throws SSLException {
        for (int seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(kind, seed);
            int answers = run.answers;
            run.link.standBothWays(2_000);
            pass(10_000);
            assertThat(told).as("seed %d", seed).isEmpty();
            assertThat(run.answers).isGreaterThan(answers);
            run.end();
        }
    }

    /** They are asked again by whoever asked: a question may be. */
    @ParameterizedTest
    @EnumSource
    void questionsOnALinkThatIsLeftAreGivenBackAtOnce(Kind kind) throws SSLException {
        Run run = new Run(kind, 1);
        run.link.loseUp();
        pass(1_700);
        assertThat(run.lost).isZero();

        ClientSession next = run.session(run.link(kind), new Silent());
        pass(1_000);
        run.keep.carry(next);
        run.keep.moveFrom(run.session);
        pass(1);
        assertThat(run.lost).isBetween(3, 6);
        next.loop().execute(next::close);
        run.end();
    }

    private record Silent() implements SessionListener {
        @Override
        public void updated(Welcome welcome) {}

        @Override
        public void doubtful(String reason) {}

        @Override
        public void closed(String reason) {}
    }
}
