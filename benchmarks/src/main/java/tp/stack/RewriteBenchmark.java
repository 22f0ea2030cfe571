package tp.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tp.packet.IpAddress;
import tp.packet.IpProtocol;
import tp.packet.Ipv4Header;
import tp.packet.Ipv6Header;
import tp.packet.TcpHeader;
import tp.packet.UdpHeader;
import tp.stack.StackSettings.Limits;

/** A packet's whole way through the stack, with 1,000 connections open. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RewriteBenchmark {

    private static final int FLOWS = 1_000;
    private static final int HEADERS = 60;
    private static final int LISTENER_PORT = 7_100;
    private static final int MTU = 65_000;

    /** The payload of the longest datagram that both families have. */
    private static final int LARGE = 65_507;

    @Param({"4", "6"})
    public int ipVersion = 4;

    private Owner owner = new Owner();
    private final byte[] headers = new byte[HEADERS];
    private ByteBuffer segment = ByteBuffer.allocate(0);
    private ByteBuffer reply = ByteBuffer.allocate(0);
    private ByteBuffer datagram = ByteBuffer.allocate(0);
    private final ByteBuffer large = ByteBuffer.allocateDirect(LARGE);
    private final List<ByteBuffer> fragments = new ArrayList<>();
    private long nowNs;

    @Setup
    public void setUp() {
        owner = new Owner();
        for (int i = 0; i < FLOWS; i++) {
            owner.stack.receive(packet(i, true, IpProtocol.TCP, TcpHeader.SYN), 0);
        }
        segment = packet(FLOWS / 2, true, IpProtocol.TCP, TcpHeader.ACK);
        reply = packet(FLOWS / 2, false, IpProtocol.TCP, TcpHeader.ACK);
        datagram = packet(FLOWS / 2, true, IpProtocol.UDP, 0);
        segment.get(0, headers);
        // A stack makes the fragments that another one puts together.
        udpFromApplication();
        fragments.clear();
        new Owner(1_500, fragments).stack.sendUdp(owner.reversed(), large);
    }

    /** What the application sends; putting the packet back as it was is part of the figure. */
    @Benchmark
    public Verdict fromApplication() {
        segment.put(0, headers);
        return owner.stack.receive(segment, nowNs++);
    }

    /** What the listener sends. */
    @Benchmark
    public Verdict fromListener() {
        Verdict verdict = owner.stack.receive(reply, nowNs++);
        // Back to how the listener sent it: the stack wrote only addresses and ports.
        int at = ipVersion == 4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        address(reply, false);
        reply.putInt(at, LISTENER_PORT << 16 | LocalNet.portOf(FLOWS / 2));
        return verdict;
    }

    /** A datagram in. */
    @Benchmark
    public long udpFromApplication() {
        owner.stack.receive(datagram, nowNs++);
        return owner.heard;
    }

    /** A datagram out, with its checksum over everything. */
    @Benchmark
    public boolean udpToApplication() {
        return owner.stack.sendUdp(owner.answered, datagram);
    }

    /** A datagram of 64 KiB in, in fragments of 1,500 bytes. */
    @Benchmark
    public long udpFragmentsFromApplication() {
        for (int i = 0; i < fragments.size(); i++) {
            owner.stack.receive(fragments.get(i), nowNs++);
        }
        return owner.heard;
    }

    /** A datagram of 64 KiB out, in two fragments. */
    @Benchmark
    public boolean udpFragmentsToApplication() {
        return owner.stack.sendUdp(owner.answered, large);
    }

    private ByteBuffer packet(int flow, boolean fromApplication, int protocol, int flags) {
        int at = ipVersion == 4 ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        ByteBuffer packet = ByteBuffer.allocateDirect(1_500);
        if (ipVersion == 4) {
            Ipv4Header.write(packet, 0, 1_500, protocol, 0, 0);
        } else {
            Ipv6Header.write(packet, 0, 1_500, protocol);
        }
        address(packet, fromApplication);
        int ports = (20_000 + flow) << 16 | 8080;
        if (!fromApplication) {
            ports = LISTENER_PORT << 16 | LocalNet.portOf(flow);
        }
        if (protocol == IpProtocol.UDP) {
            UdpHeader.write(packet, at, ports >>> 16, 53, 1_500 - at - UdpHeader.BYTES);
            return packet;
        }
        TcpHeader.write(packet, at, ports, 1, 1, flags);
        if (flags == TcpHeader.SYN) {
            packet.limit(at + TcpHeader.MIN_BYTES);
            packet.putShort(ipVersion == 4 ? 2 : 4, (short) (ipVersion == 4 ? at + 20 : 20));
        }
        return packet;
    }

    private void address(ByteBuffer packet, boolean fromApplication) {
        if (ipVersion == 4) {
            packet.putInt(12, 0x647f_0001);
            packet.putInt(16, fromApplication ? 0x0a60_000a : 0x647f_0010);
        } else {
            Ipv6Header.writeSource(packet, 0, 0xfd74_7470_0000_0000L, 1);
            long high = fromApplication ? 0xfd00_0010_0000_0000L : 0xfd74_7470_0000_0000L;
            Ipv6Header.writeDestination(packet, 0, high, fromApplication ? 10 : 16);
        }
    }

    private static LocalNet net(long high, long low, int prefixLength) {
        InetAddress network = IpAddress.toInetAddress(high, low);
        return LocalNet.of(network, prefixLength, LISTENER_PORT);
    }

    /** Establishes every dial at once, and counts bytes. */
    private static final class Owner implements StackEvents {

        private final Stack stack;
        private FlowView answered = new FlowView();
        private final @Nullable List<ByteBuffer> sent;
        private boolean asked;
        private long heard;

        Owner() {
            this(MTU, null);
        }

        Owner(int mtu, @Nullable List<ByteBuffer> sent) {
            this.sent = sent;
            LocalNet ipv4 = net(0, IpAddress.ofIpv4(0x647f_0000), 24);
            LocalNet ipv6 = net(0xfd74_7470_0000_0000L, 0, 64);
            stack =
                    new Stack(
                            new StackSettings(
                                    Optional.of(ipv4), Optional.of(ipv6), mtu, Limits.standard()),
                            this);
        }

        FlowView reversed() {
            FlowKey key = answered.toKey();
            return FlowView.of(new FlowKey(key.destination(), key.source()));
        }

        @Override
        public void dial(long dialId, FlowView flow) {
            stack.dialed(dialId, DialOutcome.ESTABLISHED, 0);
        }

        @Override
        public void cancelDial(long dialId) {}

        @Override
        public void admitted(long dialId, int slot, InetSocketAddress place) {}

        @Override
        public void resetSeen(long dialId, int slot, InetSocketAddress place) {}

        @Override
        public void udp(FlowView flow, ByteBuffer payload) {
            if (!asked) {
                asked = true;
                answered = flow.copy();
            }
            heard += payload.remaining();
        }

        @Override
        public void echo(FlowView flow, ByteBuffer echoed) {
            heard += echoed.remaining();
        }

        @Override
        public void transmit(ByteBuffer packet) {
            heard += packet.remaining();
            if (sent != null) {
                ByteBuffer copy = ByteBuffer.allocateDirect(packet.remaining());
                sent.add(copy.put(0, packet, 0, packet.remaining()));
            }
        }
    }
}
