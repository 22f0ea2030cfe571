package tp.tunnel;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One run: flows between applications and services, over links that are cut, lost, held up and
 * changed, with both ends of the product as they are. All of it follows from the seed.
 */
final class ResumeRun {

    /** What a run shows; its like of several can be added. */
    record Report(
            int inOrder, int reset, int unconnected, long links, long resumed, long virtualMs) {

        static final Report NONE = new Report(0, 0, 0, 0, 0, 0);

        Report plus(Report other) {
            return new Report(
                    inOrder + other.inOrder,
                    reset + other.reset,
                    unconnected + other.unconnected,
                    links + other.links,
                    resumed + other.resumed,
                    virtualMs + other.virtualMs);
        }
    }

    private static final SslContext TLS = tls();
    private static final int FLOWS = 20;
    private static final int MOST_CONVERSATIONS = 5 * FLOWS;
    private static final int FIRST_PORT = 1_000;
    private static final long NEVER = Long.MAX_VALUE;
    private static final long MOST_STEPS = 20_000_000;

    /** After the last harm: a lost link is noticed, another is opened, slow ones have all. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

    private final VirtualWorld world;
    private final SessionServer server;
    private final VirtualLaptop laptop;
    private final FlowGrace grace;
    private final boolean graceEnds;
    private final boolean fewAreKept;
    private final boolean smallWindows;
    private final long harmEndsNs;
    private final List<Conversation> conversations = new ArrayList<>();

    ResumeRun(long seed) {
        world = new VirtualWorld(seed, 3);
        graceEnds = world.oneIn(4);
        fewAreKept = !graceEnds && world.oneIn(8);
        smallWindows = world.oneIn(2);
        grace =
                graceEnds
                        ? new FlowGrace(Duration.ofMillis(world.between(500, 6_000)), 1 << 30, 99)
                        : fewAreKept
                                ? new FlowGrace(Duration.ofMinutes(5), world.between(0, 99_999), 6)
                                : FlowGrace.USUAL;
        server = SessionServer.of(TLS, this::admit, world.manager, grace, world);
        laptop =
                new VirtualLaptop(
                        world,
                        server,
                        smallWindows,
                        graceEnds ? 2 * grace.time().toMillis() : world.between(10, 1_000));
        world.network(this::connect);
        harmEndsNs = world.nowNs() + TimeUnit.MILLISECONDS.toNanos(world.between(500, 20_000));
        for (int i = 0; i < FLOWS; i++) {
            another();
        }
    }

    private Conversation another() {
        Conversation one = new Conversation(conversations.size());
        conversations.add(one);
        return one;
    }

    private static SslContext tls() {
        try {
            return Tls.server(TestKey.SHARED);
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One flow and what is to become of it. */
    private final class Conversation {
        final int port;
        final Program app;
        final Program service;
        final boolean refused;
        final long forbiddenNs;
        final boolean givenUp;
        @Nullable DialOutcome outcome;
        boolean begun;

        Conversation(int number) {
            port = FIRST_PORT + number;
            byte[] there = bytes();
            byte[] back = bytes();
            int first = world.random.nextInt(3);
            app = new Program(world, "app " + number, plan(there, back, first != 0));
            service = new Program(world, "service " + number, plan(back, there, first != 1));
            app.with(service);
            service.with(app);
            refused = world.oneIn(25);
            givenUp = world.oneIn(25);
            forbiddenNs = world.oneIn(25) ? soonNs() : NEVER;
        }

        private byte[] bytes() {
            int most = world.oneIn(4) ? 400_000 : 10_000;
            byte[] bytes = new byte[world.oneIn(8) ? 0 : (int) world.between(1, most)];
            world.random.nextBytes(bytes);
            return bytes;
        }

        private Program.Plan plan(byte[] say, byte[] hear, boolean endsFirst) {
            return new Program.Plan(
                    say,
                    hear,
                    endsFirst,
                    (int) world.between(1 + say.length / 24, 70_000),
                    world.oneIn(3) ? 0 : world.between(0, 400_000_000),
                    (int) world.between(1 + hear.length / 64, 70_000),
                    world.oneIn(2) ? 0 : world.between(0, 50_000_000),
                    world.oneIn(10) ? soonNs() : NEVER);
        }

        private long soonNs() {
            return world.nowNs() + TimeUnit.MILLISECONDS.toNanos(world.between(10, 20_000));
        }

        void beginLater(long mostMs) {
            world.laterMs(world.between(0, mostMs), this::begin);
        }

        private void begin() {
            if (laptop.isEnded()) {
                return;
            }
            Optional<ClientSession> session = laptop.session();
            if (session.isEmpty()) {
                world.laterMs(200, this::begin);
                return;
            }
            begun = true;
            TcpFlow dialing =
                    session.get()
                            .dial(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                                    this::dialed);
            if (givenUp) {
                world.later(world.between(0, 20_000_000), dialing::reset);
            }
        }

        private void dialed(DialOutcome how, TcpFlow flow) {
            outcome = how;
            if (how == DialOutcome.TUNNEL_DOWN && conversations.size() < MOST_CONVERSATIONS) {
                another().beginLater(1_000);
            }
            if (how == DialOutcome.ESTABLISHED && !givenUp) {
                long delayNs = world.between(0, world.oneIn(8) ? 400_000_000 : 2_000_000);
                world.later(delayNs, () -> attach(flow));
            }
        }

        private void attach(TcpFlow flow) {
            VirtualSocket accepted = new VirtualSocket(world, (socket, to) -> {});
            accepted.config().setAutoRead(false);
            EventLoop loop = world.laptop.next();
            loop.register(accepted);
            app.start(accepted);
            loop.execute(() -> flow.attach(accepted));
        }

        boolean isOver() {
            return outcome == null
                    ? begun && givenUp && (!service.isStarted() || service.isOver())
                    : (!app.isStarted() || app.isOver())
                            && (!service.isStarted() || service.isOver())
                            && (app.isStarted() || givenUp || outcome != DialOutcome.ESTABLISHED);
        }

        /** {@return whether something is meant to end it with a reset by then} */
        private boolean mayReset(long atNs) {
            return fewAreKept
                    || givenUp
                    || (app.hasAborted() && app.endedNs() <= atNs)
                    || (service.hasAborted() && service.endedNs() <= atNs)
                    || forbiddenNs <= atNs
                    || (graceEnds && graceEnded(atNs));
        }

        private boolean graceEnded(long atNs) {
            return laptop.wasLost(atNs - grace.time().toNanos());
        }

        void check() {
            if (!isOver()) {
                world.fail(this + " hangs");
            } else if (app.isStarted()) {
                check(app, service);
                check(service, app);
            } else if (service.isStarted() && !service.sawReset() && !service.hasAborted()) {
                world.fail(this + " ends without a reset");
            }
            if (app.wasResetAtEnd() && service.isDone() && !mayReset(world.nowNs())) {
                world.fail(this + ": a reset after the end");
            }
            checkOutcome();
        }

        private void check(Program one, Program other) {
            if (one.sawReset() && !mayReset(one.endedNs())) {
                world.fail(this + ": a reset for no reason");
            }
            if (one.isDone() && !other.isDone() && !other.sawReset() && !other.hasAborted()) {
                world.fail(this + ": one end only");
            }
        }

        private void checkOutcome() {
            DialOutcome how = outcome;
            boolean right =
                    how == null
                            ? givenUp
                            : switch (how) {
                                case ESTABLISHED -> !refused;
                                case REFUSED -> refused;
                                case PROHIBITED -> forbiddenNs != NEVER;
                                case TUNNEL_DOWN -> true;
                                default -> false;
                            };
            if (!right) {
                world.fail(this + ": the dial ends as " + how);
            }
        }

        @Override
        public String toString() {
            return app
                    + " "
                    + service
                    + " "
                    + outcome
                    + (givenUp ? " given up" : "")
                    + (forbiddenNs == NEVER ? "" : " forbidden");
        }
    }

    private void connect(VirtualSocket socket, InetSocketAddress to) {
        Conversation one = conversations.get(to.getPort() - FIRST_PORT);
        world.later(
                world.between(0, world.oneIn(6) ? 500_000_000 : 1_000_000),
                () -> {
                    if (one.refused) {
                        socket.refused();
                    } else {
                        one.service.start(socket);
                    }
                });
    }

    private Admission admit(ClientHello hello, SocketAddress peer) {
        return world.nowNs() < harmEndsNs && world.oneIn(15)
                ? new Admission.Refused("not now")
                : new Admission.Granted(new Grant());
    }

    /** {@return what came of it} What was wrong is in {@link #failures}. */
    Report run() {
        laptop.seek();
        for (Conversation one : conversations) {
            one.beginLater(world.oneIn(4) ? 5_000 : 100);
        }
        world.laterMs(world.between(0, 1_000), this::harm);
        long steps = 0;
        while (!isOver()
                && world.nowNs() <= harmEndsNs + PATIENCE_NS
                && steps++ < MOST_STEPS
                && world.step()) {
            if (server.kept().statistics().bytes() > grace.mostBytes()) {
                world.fail("more is kept than may be: " + server.kept().statistics().bytes());
            }
        }
        conversations.forEach(Conversation::check);
        end();
        return report();
    }

    private boolean isOver() {
        return world.nowNs() > harmEndsNs && conversations.stream().allMatch(Conversation::isOver);
    }

    private void harm() {
        if (world.nowNs() < harmEndsNs) {
            laptop.harm();
            world.laterMs(world.between(1, world.oneIn(5) ? 3_000 : 200), this::harm);
        }
    }

    private void end() {
        laptop.end();
        long steps = 0;
        while (world.step() && steps++ < MOST_STEPS) {
            // Until nothing is under way and nobody waits.
        }
        if (steps >= MOST_STEPS) {
            world.fail("it never comes to rest");
        }
        checkRest();
        world.end();
    }

    private void checkRest() {
        zero("flows of the manager", server.statistics().flows());
        zero("connections", server.statistics().connections());
        zero("dials", server.statistics().dials());
        zero("malformed messages", server.statistics().malformed());
        zero("flows that are kept", server.kept().flows());
        zero("kept bytes", server.kept().statistics().bytes());
        zero("flows that wait", laptop.keep.statistics().waiting());
        zero("bytes on the heap", world.buffers.metric().usedHeapMemory());
        zero("bytes beside the heap", world.buffers.metric().usedDirectMemory());
    }

    private void zero(String what, long count) {
        if (count != 0) {
            world.fail(what + " left: " + count);
        }
    }

    private Report report() {
        int inOrder = 0;
        int reset = 0;
        for (Conversation one : conversations) {
            inOrder += one.app.isDone() && one.service.isDone() ? 1 : 0;
            reset += one.app.isStarted() && !(one.app.isDone() && one.service.isDone()) ? 1 : 0;
        }
        return new Report(
                inOrder,
                reset,
                conversations.size() - inOrder - reset,
                laptop.links(),
                laptop.keep.statistics().resumed(),
                TimeUnit.NANOSECONDS.toMillis(world.nowNs()));
    }

    List<String> failures() {
        return world.failures();
    }

    private final class Grant implements SessionGrant {

        /** As an address outside the cluster is: it was asked for in a session, or followed. */
        private volatile boolean known;

        @Override
        public Welcome welcome() {
            return Tunnels.WELCOME;
        }

        @Override
        public String subject() {
            return "somebody";
        }

        @Override
        public void opened(SessionControl control) {
            if (smallWindows && control instanceof ServerConnection connection) {
                connection.budget().take(WindowBudget.SESSION_BYTES);
            }
        }

        @Override
        public DialOutcome mayReach(InetAddress address, int port) {
            known = true;
            return allowed(port);
        }

        @Override
        public DialOutcome mayStay(InetAddress address, int port) {
            return known ? allowed(port) : DialOutcome.PROHIBITED;
        }

        @Override
        public void follow(SessionGrant before, InetAddress target) {
            known |= ((Grant) before).known;
        }

        private DialOutcome allowed(int port) {
            return conversations.get(port - FIRST_PORT).forbiddenNs <= world.nowNs()
                    ? DialOutcome.PROHIBITED
                    : DialOutcome.ESTABLISHED;
        }

        @Override
        public void answer(byte[] query, boolean tcp, Consumer<byte[]> reply) {}

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
}
