package tp.daemon;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import tp.os.PacketDevice;
import tp.stack.Counter;
import tp.stack.FlowView;
import tp.stack.Stack;
import tp.stack.StackEvents;
import tp.stack.StackSettings;
import tp.stack.Unreachable;

/**
 * The TUN's thread: reads a batch of packets, lets the stack decide, writes what it wants written,
 * and sees to the mailbox. It owns device, stack, dials and flows of datagrams; nobody else touches
 * them.
 */
final class TunLoop implements Runnable, StackEvents {

    private static final System.Logger LOG = System.getLogger("tp.daemon.tun");
    private static final int MAX_PACKET = 65_535;
    private static final int OWN_PACKETS = 16;
    private static final int LETTERS_PER_ROUND = 256;
    private static final long TICK_NS = 1_000_000_000L;

    /** Within which the applications' kernels answer the resets of an orderly end. */
    private static final long LAST_WORDS_NS = 100_000_000L;

    private final PacketDevice device;
    private final Parts parts;
    private final Consumer<IOException> lost;
    private final Stack stack;
    private final ByteBuffer[] read;
    private final ByteBuffer[] own = new ByteBuffer[OWN_PACKETS];
    private final ByteBuffer[] outgoing;
    private final long startNs = System.nanoTime();
    private int outgoingCount;
    private int ownUsed;
    private long nowNs;
    private long nextTickNs;
    private volatile boolean stopping;
    private final AtomicLong failures = new AtomicLong();
    private volatile int flows;
    private volatile int heldSyns;
    private volatile int udpFlows;
    private volatile int echoFlows;
    private volatile int reassembling;

    /** Who takes what the stack tells. */
    record Parts(
            TcpDials dials,
            UdpRelay udp,
            EchoRelay echoes,
            DnsPort dns,
            LocalServices local,
            Mailbox mailbox) {}

    /**
     * @param lost told once if the device goes away before {@link #stop}
     */
    TunLoop(PacketDevice device, StackSettings settings, Parts parts, Consumer<IOException> lost) {
        this.device = device;
        this.parts = parts;
        this.lost = lost;
        stack = new Stack(settings, this);
        int room = device.headRoomBytes() + Math.max(device.mtu(), MAX_PACKET);
        read = new ByteBuffer[device.batchSize()];
        for (int i = 0; i < read.length; i++) {
            read[i] = ByteBuffer.allocateDirect(room);
        }
        for (int i = 0; i < own.length; i++) {
            own[i] = ByteBuffer.allocateDirect(room);
        }
        outgoing = new ByteBuffer[read.length + own.length];
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                round(Long.MAX_VALUE);
            }
            parts.dials().abandon(stack, nowNs);
            parts.udp().closeAll();
            parts.echoes().closeAll();
            long end = now() + LAST_WORDS_NS;
            while (now() < end) {
                round(end);
            }
        } catch (IOException e) {
            if (!stopping) {
                lost.accept(e);
            }
        } finally {
            device.close();
        }
    }

    /** Ends the loop, which then closes the device. Any thread. */
    void stop() {
        stopping = true;
        device.wake();
    }

    private void round(long untilNs) throws IOException {
        int count = device.read(read);
        nowNs = now();
        for (int i = 0; i < count; i++) {
            receive(read[i]);
        }
        boolean quiet = !letters();
        datagrams();
        timers();
        flush();
        if (count < read.length && quiet) {
            long due = Math.min(untilNs, Math.min(stack.nextTimeoutNs(), nextTickNs));
            device.await(Math.max(0, due - now()));
        }
    }

    private void receive(ByteBuffer packet) {
        try {
            switch (stack.receive(packet, nowNs)) {
                case WRITE_BACK -> outgoing[outgoingCount++] = packet;
                case CONSUMED, DROPPED -> {}
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** {@return whether more may be waiting} */
    private boolean letters() {
        for (int i = 0; i < LETTERS_PER_ROUND; i++) {
            Mailbox.Letter letter = parts.mailbox().nextLetter();
            if (letter == null) {
                return false;
            }
            try {
                read(letter);
            } catch (RuntimeException e) {
                failed(e);
            }
        }
        return true;
    }

    private void read(Mailbox.Letter letter) {
        switch (letter) {
            case Mailbox.Letter.Dialed dialed -> parts.dials().dialed(dialed, stack, nowNs);
            case Mailbox.Letter.FlowEnded ended -> {
                parts.dials().ended(ended.dialId());
                stack.flowEnded(ended.slot(), ended.dialId(), nowNs);
            }
            case Mailbox.Letter.UdpEnded ended -> parts.udp().ended(ended);
            case Mailbox.Letter.EchoEnded ended -> parts.echoes().ended(ended);
            case Mailbox.Letter.Look look -> look.answer().complete(liveFlows());
        }
    }

    private List<LiveFlow> liveFlows() {
        List<LiveFlow> flows = new ArrayList<>(parts.dials().live(nowNs));
        flows.addAll(parts.udp().live(nowNs));
        flows.addAll(parts.echoes().live(nowNs));
        return flows;
    }

    private void datagrams() {
        for (int i = 0; i < LETTERS_PER_ROUND; i++) {
            Mailbox.Perishable datagram = parts.mailbox().nextDatagram();
            if (datagram == null) {
                return;
            }
            try {
                switch (datagram) {
                    case Mailbox.Datagram udp -> answer(udp);
                    case Mailbox.Echo echo -> answer(echo);
                }
            } catch (RuntimeException e) {
                failed(e);
            } finally {
                datagram.release();
            }
        }
        device.wake();
    }

    private void answer(Mailbox.Datagram datagram) {
        parts.udp().answered(datagram.flow(), nowNs);
        var payload = datagram.payload();
        if (payload != null) {
            stack.sendUdp(datagram.flow(), payload.nioBuffer());
        } else {
            datagram.unreachable()
                    .ifPresent(reason -> stack.sendUnreachable(datagram.flow(), reason));
        }
    }

    private void answer(Mailbox.Echo echo) {
        parts.echoes().answered(echo.flow(), nowNs);
        var echoed = echo.payload();
        if (echoed != null) {
            stack.sendEcho(echo.flow(), echoed.nioBuffer());
        } else {
            echo.unreachable()
                    .ifPresent(reason -> stack.sendEchoError(echo.flow(), echo.sequence(), reason));
        }
    }

    private void timers() {
        if (nowNs >= stack.nextTimeoutNs()) {
            stack.onTimeout(nowNs);
        }
        flows = stack.flows();
        heldSyns = stack.heldSyns();
        udpFlows = parts.udp().flows();
        echoFlows = parts.echoes().flows();
        reassembling = stack.reassembling();
        if (nowNs >= nextTickNs) {
            nextTickNs = nowNs + TICK_NS;
            parts.dials().expire(nowNs);
            parts.udp().expire(nowNs);
            parts.echoes().expire(nowNs);
        }
    }

    private void flush() throws IOException {
        if (outgoingCount > 0) {
            device.write(outgoing, outgoingCount);
            outgoingCount = 0;
            ownUsed = 0;
        }
    }

    private void flushEarly() {
        try {
            flush();
        } catch (IOException e) {
            // The next read says the same where it can be dealt with.
            outgoingCount = 0;
            ownUsed = 0;
        }
    }

    private void failed(RuntimeException e) {
        if (failures.getAndIncrement() == 0) {
            LOG.log(Level.ERROR, "the packet loop met a bug; it goes on", e);
        }
    }

    private long now() {
        return System.nanoTime() - startNs;
    }

    @Override
    public void dial(long dialId, FlowView flow) {
        parts.dials().dial(dialId, flow, nowNs);
    }

    @Override
    public void cancelDial(long dialId) {
        parts.dials().cancel(dialId);
    }

    @Override
    public void admitted(long dialId, int slot, InetSocketAddress place) {
        parts.dials().admitted(dialId, slot, place);
    }

    @Override
    public void resetSeen(long dialId, int slot, InetSocketAddress place) {
        parts.dials().resetSeen(place, nowNs);
    }

    @Override
    public void udp(FlowView flow, ByteBuffer payload) {
        switch (parts.local().datagram(flow)) {
            case DNS -> parts.dns().ask(flow, payload);
            case NOBODY -> stack.sendUnreachable(flow, Unreachable.PORT);
            case TUNNEL -> parts.udp().send(flow, payload, nowNs);
        }
    }

    @Override
    public void echo(FlowView flow, ByteBuffer echoed) {
        parts.echoes().send(flow, echoed, nowNs);
    }

    @Override
    public void transmit(ByteBuffer packet) {
        if (ownUsed == own.length) {
            flushEarly();
        }
        ByteBuffer copy = own[ownUsed++];
        int start = device.headRoomBytes();
        copy.clear().put(start, packet, packet.position(), packet.remaining());
        copy.limit(start + packet.remaining()).position(start);
        outgoing[outgoingCount++] = copy;
    }

    /** {@return a count of the stack's; any thread} */
    long count(Counter counter) {
        return stack.count(counter);
    }

    int flows() {
        return flows;
    }

    int heldSyns() {
        return heldSyns;
    }

    int udpFlows() {
        return udpFlows;
    }

    int echoFlows() {
        return echoFlows;
    }

    int reassembling() {
        return reassembling;
    }

    /** {@return exceptions that did not end the loop; each is a bug} */
    long failures() {
        return failures.get();
    }
}
