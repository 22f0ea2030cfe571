package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.spi.transport.Sockets;

/** Several clients on one manager: what each gets, and what is refused to one for the others. */
@Timeout(60)
class SharesTest {

    private static final int MODEST = 4;
    private static final int GREEDY_FLOWS = 60;
    private static final double LEAST_PART = 0.8;

    /** A machine on which an event loop has more to do than it can: each read takes a while. */
    private record Slow(long nanos) implements Outside {

        @Override
        public void ask(String name, Runnable question) {
            Outside.USUAL.ask(name, question);
        }

        @Override
        public ChannelFactory<SocketChannel> sockets(EventLoop loop) {
            ChannelFactory<? extends SocketChannel> usual = Outside.USUAL.sockets(loop);
            return () -> {
                SocketChannel socket = usual.newChannel();
                socket.pipeline().addLast(new Delay(nanos));
                return socket;
            };
        }
    }

    private static final class Delay extends ChannelInboundHandlerAdapter {
        private final long nanos;

        Delay(long nanos) {
            this.nanos = nanos;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            LockSupport.parkNanos(nanos);
            ctx.fireChannelRead(bytes);
        }
    }

    /** Downloads that count what comes. */
    private static final class Downloads implements AutoCloseable {

        private final List<Socket> sockets = new ArrayList<>();
        private final LongAdder bytes = new LongAdder();

        Downloads(InetSocketAddress door, int count) throws IOException {
            for (int i = 0; i < count; i++) {
                Socket socket = connect(door);
                sockets.add(socket);
                Thread.ofVirtual().start(() -> count(socket));
            }
        }

        private void count(Socket socket) {
            byte[] buffer = new byte[64 * 1024];
            try (InputStream in = socket.getInputStream()) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    bytes.add(read);
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        long bytes() {
            return bytes.sum();
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static Far endless() throws IOException {
        return new Far(
                socket -> {
                    byte[] bytes = new byte[64 * 1024];
                    while (true) {
                        socket.getOutputStream().write(bytes);
                    }
                });
    }

    private static Tunnels manager(Outside outside) throws Exception {
        return new Tunnels(Sockets.best(), 1, FlowGrace.USUAL, FlowKeep.none(), outside);
    }

    @Test
    void oneWithManyFlowsLeavesTheOthersTheirShare() throws Exception {
        try (Far service = endless();
                Tunnels tunnels = manager(new Slow(TimeUnit.MICROSECONDS.toNanos(500)))) {
            List<Tunnels.Client> clients = new ArrayList<>();
            List<Downloads> all = new ArrayList<>();
            for (int i = 0; i <= MODEST; i++) {
                Tunnels.Client client = tunnels.client("client-" + i);
                clients.add(client);
                int flows = i == MODEST ? GREEDY_FLOWS : 1;
                all.add(new Downloads(client.door(service.address()), flows));
            }
            for (Downloads one : all) {
                Tunnels.eventually(() -> one.bytes() > 256 << 10);
            }

            long[] before = all.stream().mapToLong(Downloads::bytes).toArray();
            Tunnels.eventually(() -> all.getLast().bytes() - before[MODEST] > 8 << 20);
            long[] got =
                    IntStream.range(0, all.size())
                            .mapToLong(i -> all.get(i).bytes() - before[i])
                            .toArray();
            for (Downloads one : all) {
                one.close();
            }
            clients.forEach(Tunnels.Client::close);

            long fair = LongStream.of(got).sum() / got.length;
            long least = LongStream.of(got).limit(MODEST).min().orElseThrow();
            System.out.printf(
                    "%d clients with a flow each got %.2f of their share at least, one with %d got %.2f%n",
                    MODEST, (double) least / fair, GREEDY_FLOWS, (double) got[MODEST] / fair);
            assertThat(least).isGreaterThan((long) (LEAST_PART * fair));
        }
    }

    @Test
    void oneThatIsAloneIsReadWheneverItAsks() {
        VirtualWorld world = new VirtualWorld(1, 1);
        AtomicInteger reads = new AtomicInteger();
        ReadTurns.Seat seat = ReadTurns.alone(world.manager.next(), FlowMemory.ofLaptop());
        List<ReadTurns.Turn> flows =
                List.of(seat.turn(reads::incrementAndGet), seat.turn(reads::incrementAndGet));
        for (int i = 0; i < 100; i++) {
            flows.forEach(ReadTurns.Turn::ask);
            flows.forEach(ReadTurns.Turn::took);
        }
        assertThat(reads).as("at once, and nothing passed").hasValue(200);
        world.end();
    }

    @Test
    void whatHasNoPlaceIsGoneAndItsFlowIsTold() {
        FlowMemory memory = FlowMemory.ofClient(new LongAdder());
        AtomicInteger told = new AtomicInteger();
        Incoming incoming =
                new Incoming(new FlowState(100), new FlowCounts(), memory, new Owner(told));
        ByteBuf kept = Unpooled.wrappedBuffer(new byte[40]);
        ByteBuf gone = Unpooled.wrappedBuffer(new byte[40]);
        memory.addReceived(FlowMemory.MOST_RECEIVED - 50);

        incoming.take(0, kept);
        incoming.take(40, gone);

        assertThat(told).hasValue(1);
        assertThat(kept.refCnt()).isEqualTo(1);
        assertThat(gone.refCnt()).isZero();
        incoming.release();
        assertThat(kept.refCnt()).isZero();
        assertThat(memory.bytes()).isEqualTo(FlowMemory.MOST_RECEIVED - 50);
    }

    private record Owner(AtomicInteger told) implements Incoming.Owner {
        @Override
        public void onLoop(Runnable task) {
            task.run();
        }

        @Override
        public void delivered() {}

        @Override
        public void socketFailed() {}

        @Override
        public void noPlace() {
            told.incrementAndGet();
        }
    }

    private static Socket connect(InetSocketAddress door) throws IOException {
        Socket socket = new Socket(door.getAddress(), door.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    @Test
    void dialsBeyondTheLimitWaitForOthersOfTheSameConnection() {
        AtomicInteger waiting = new AtomicInteger();
        DialTurns turns = new DialTurns(waiting);
        List<Integer> begun = new ArrayList<>();
        for (int i = 0; i < DialTurns.MOST + 3; i++) {
            int number = i;
            turns.ask(() -> number != DialTurns.MOST && begun.add(number));
        }
        assertThat(begun).hasSize(DialTurns.MOST);
        assertThat(waiting).hasValue(3);

        turns.ended();

        assertThat(begun).as("the first that waits is not wanted any more").hasSize(513);
        assertThat(begun.getLast()).isEqualTo(DialTurns.MOST + 1);
        assertThat(waiting).hasValue(1);
        DialTurns.Dialer closed = () -> begun.add(-1);
        for (int i = 0; i < 1_000; i++) {
            turns.ask(closed);
            turns.forget(closed);
        }
        assertThat(waiting).as("who comes and goes leaves nothing").hasValue(1);
        turns.clear();
        assertThat(waiting).hasValue(0);
    }

    @Test
    void anAccountHasSoManyConnectionsAndNoMore() {
        Clients clients = new Clients(2);
        var first = new Clients.Name("team", "1");
        var second = new Clients.Name("team", "2");
        FlowMemory memory = clients.enter(first).orElseThrow();
        assertThat(clients.enter(first)).as("another connection of it").containsSame(memory);
        assertThat(clients.enter(second)).isEmpty();
        assertThat(clients.enter(new Clients.Name("other", "1"))).isPresent();

        clients.leave(first);

        assertThat(clients.enter(second)).isPresent();
    }

    @Test
    void whatWaitsForItsClientIsCountedUntilItIsGone() {
        Clients clients = new Clients(2);
        var name = new Clients.Name("team", "1");
        FlowMemory memory = clients.enter(name).orElseThrow();
        memory.addRead(10);
        clients.leave(name);
        assertThat(clients.heldBytes()).isEqualTo(10);
        assertThat(clients.enter(name)).containsSame(memory);

        memory.addReceived(FlowMemory.MOST_RECEIVED);
        assertThat(memory.isFull()).as("what no program takes stops nobody else").isFalse();
        assertThat(memory.exceededBy(1)).isTrue();
        memory.addRead(FlowMemory.MOST_READ);
        assertThat(memory.isFull()).isTrue();
        assertThat(clients.exceeded()).isEqualTo(1);
    }

    @Test
    void whoseMemoryIsFullIsReadWhenItHasRoomAgain() {
        VirtualWorld world = new VirtualWorld(1, 1);
        EventLoop loop = world.manager.next();
        FlowMemory memory = FlowMemory.ofLaptop();
        AtomicInteger reads = new AtomicInteger();
        ReadTurns.Turn turn = ReadTurns.alone(loop, memory).turn(reads::incrementAndGet);
        memory.addRead(FlowMemory.MOST_READ);
        loop.execute(turn::ask);
        pass(world, TimeUnit.MILLISECONDS.toNanos(20));
        assertThat(reads).hasValue(0);

        memory.addRead(-1);
        pass(world, TimeUnit.MILLISECONDS.toNanos(5));

        assertThat(reads).hasValue(1);
        world.end();
    }

    private static void pass(VirtualWorld world, long nanos) {
        long endNs = world.nowNs() + nanos;
        while (world.nowNs() < endNs && world.step()) {
            // Whatever is due runs.
        }
    }
}
