package tp.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tp.fuzz.Bytes;
import tp.fuzz.Input;
import tp.fuzz.Promise;
import tp.fuzz.Target;
import tp.packet.Checksum;
import tp.packet.IcmpHeader;
import tp.packet.IpPacket;
import tp.packet.IpProtocol;
import tp.packet.Ipv4Header;
import tp.packet.Ipv6Header;
import tp.packet.TcpHeader;
import tp.packet.UdpHeader;

/** A stack in virtual time between packets, the ends of dials, and what comes back. */
public final class StackPackets implements Target, StackEvents {

    private static final long SECOND_NS = 1_000_000_000L;
    private static final int MAX_FLOWS = 40;
    private static final int MAX_HELD = 20;
    private static final int MTU = 1_400;
    private static final int HEAD_ROOM = 12;
    private static final int MOST_STEPS = 64;
    private static final List<DialOutcome> OUTCOMES = List.of(DialOutcome.values());

    private record Admitted(long dialId, int slot) {}

    private final Stack stack = new Stack(settings(), this);
    private final Deque<Long> dials = new ArrayDeque<>();
    private final Deque<Admitted> flows = new ArrayDeque<>();
    private final IpPacket view = new IpPacket();
    private long nowNs;
    private @Nullable FlowView asked;
    private boolean theirs;

    private static StackSettings settings() {
        return new StackSettings(
                Optional.of(LocalNet.of(InetAddress.ofLiteral("100.127.0.0"), 24, 7100)),
                Optional.of(LocalNet.of(InetAddress.ofLiteral("fd74:7470::"), 64, 7100)),
                MTU,
                new StackSettings.Limits(MAX_FLOWS, MAX_HELD, 2 * SECOND_NS));
    }

    @Override
    public void take(byte[] input) {
        Input in = new Input(input);
        for (int i = 0; i < MOST_STEPS && !in.isEmpty(); i++) {
            step(in);
            Promise.kept(stack.flows() <= MAX_FLOWS, "flows have a cap");
            Promise.kept(stack.heldSyns() <= MAX_HELD, "held SYNs have a cap");
            Promise.kept(stack.reassembling() <= Reassembly.MAX_DATAGRAMS, "datagrams have a cap");
        }
        endAll();
    }

    private void step(Input in) {
        switch (in.octet() % 8) {
            case 0 -> receive(in.chunk(), false);
            case 1, 2 -> receive(in.chunk(), true);
            case 3 -> pass(in.number16() * SECOND_NS / 4096);
            case 4 -> dialed(OUTCOMES.get(in.octet() % OUTCOMES.size()));
            case 5 -> ended();
            case 6 -> answer(in.octet(), in.chunk());
            default ->
                    stack.dialed(in.number64(), OUTCOMES.get(in.octet() % OUTCOMES.size()), nowNs);
        }
    }

    private void receive(byte[] bytes, boolean mended) {
        ByteBuffer packet = ByteBuffer.allocate(HEAD_ROOM + bytes.length);
        packet.put(HEAD_ROOM, bytes).position(HEAD_ROOM);
        if (mended && view.parse(packet) == IpPacket.Kind.WHOLE) {
            mend(packet);
        }
        boolean right = isRight(packet);
        Verdict verdict = stack.receive(packet, nowNs);
        Promise.kept(
                packet.position() == HEAD_ROOM && packet.limit() == HEAD_ROOM + bytes.length,
                "a packet is borrowed");
        if (verdict == Verdict.WRITE_BACK) {
            Promise.same(right, isRight(packet), "a rewritten packet's sums are kept up");
        }
    }

    /** Sums that are right lead further, and are hard to guess. */
    private void mend(ByteBuffer packet) {
        int at = view.transportOffset();
        int length = view.transportBytes();
        int field =
                switch (view.protocol()) {
                    case IpProtocol.TCP -> 16;
                    case IpProtocol.UDP -> 6;
                    default -> 2;
                };
        if (length < field + 2) {
            return;
        }
        packet.putShort(at + field, (short) 0);
        long sum = Checksum.sum(packet, at, length);
        sum += view.protocol() == IpProtocol.ICMP ? 0 : view.pseudoHeaderSum();
        packet.putShort(at + field, (short) Checksum.finish(sum));
    }

    private boolean isRight(ByteBuffer packet) {
        if (view.parse(packet) != IpPacket.Kind.WHOLE) {
            return false;
        }
        Ipv4Header header = new Ipv4Header();
        if (view.isIpv4()
                && !(header.wrap(packet, packet.position(), packet.remaining())
                        && header.checksumMatches())) {
            return false;
        }
        long sum = Checksum.sum(packet, view.transportOffset(), view.transportBytes());
        sum += view.protocol() == IpProtocol.ICMP ? 0 : view.pseudoHeaderSum();
        return Checksum.fold(sum) == 0xffff;
    }

    private void pass(long ns) {
        long until = nowNs + ns;
        for (long next = stack.nextTimeoutNs(); next <= until; next = stack.nextTimeoutNs()) {
            nowNs = Math.max(nowNs, next);
            stack.onTimeout(nowNs);
            Promise.kept(stack.nextTimeoutNs() > next, "time goes on");
        }
        nowNs = until;
    }

    private void dialed(DialOutcome outcome) {
        Long dial = dials.poll();
        if (dial != null) {
            theirs = outcome == DialOutcome.ESTABLISHED;
            stack.dialed(dial, outcome, nowNs);
            theirs = false;
        }
    }

    private void ended() {
        Admitted flow = flows.poll();
        if (flow != null) {
            stack.flowEnded(flow.slot, flow.dialId, nowNs);
        }
    }

    private void answer(int how, byte[] payload) {
        FlowView flow = asked;
        if (flow == null) {
            return;
        }
        Unreachable[] reasons = Unreachable.values();
        switch (how % 4) {
            case 0 -> stack.sendUdp(flow, ByteBuffer.wrap(payload));
            case 1 -> stack.sendEcho(flow, ByteBuffer.wrap(payload));
            case 2 -> stack.sendUnreachable(flow, reasons[(how >> 2) % reasons.length]);
            default -> stack.sendEchoError(flow, how, reasons[(how >> 2) % reasons.length]);
        }
    }

    /** Whatever came, with its owners gone nothing is held for ever. */
    private void endAll() {
        while (!flows.isEmpty()) {
            ended();
        }
        dials.clear();
        asked = null;
        pass(1_000 * SECOND_NS);
        Promise.same(stack.flows(), 0, "no flow is left");
        Promise.same(stack.heldSyns(), 0, "no SYN is left");
        Promise.same(stack.reassembling(), 0, "no fragment is left");
    }

    @Override
    public void dial(long dialId, FlowView flow) {
        dials.add(dialId);
    }

    @Override
    public void cancelDial(long dialId) {
        dials.remove(dialId);
    }

    @Override
    public void admitted(long dialId, int slot, InetSocketAddress place) {
        Promise.kept(slot >= 0 && slot < MAX_FLOWS, "a slot is one of those that there are");
        flows.add(new Admitted(dialId, slot));
    }

    @Override
    public void resetSeen(long dialId, int slot, InetSocketAddress place) {
        Promise.kept(place.getPort() != 0, "a place has a port");
    }

    @Override
    public void udp(FlowView flow, ByteBuffer payload) {
        asked = flow.copy();
    }

    @Override
    public void echo(FlowView flow, ByteBuffer echoed) {
        Promise.kept(echoed.remaining() >= 2, "an echo has a sequence number");
        asked = flow.copy();
    }

    @Override
    public void transmit(ByteBuffer packet) {
        IpPacket.Kind kind = view.parse(packet);
        Promise.kept(kind != IpPacket.Kind.MALFORMED, "what is sent is a packet");
        Promise.same(view.totalLength(), packet.remaining(), "and nothing else");
        if (kind == IpPacket.Kind.WHOLE && !theirs) {
            Promise.kept(isRight(packet), "with the right sums");
        }
    }

    @Override
    public List<byte[]> seeds() {
        byte[] syn = segment("100.127.0.1", "10.96.0.10", TcpHeader.SYN);
        byte[] ack = segment("100.127.0.1", "10.96.0.10", TcpHeader.ACK);
        byte[] back = segment("100.127.0.1", "100.127.0.16", TcpHeader.ACK | TcpHeader.FIN);
        ByteBuffer.wrap(back).putInt(20, 7100 << 16 | 1024);
        byte[] syn6 = segment("fd74:7470::1", "fd00:10::5", TcpHeader.SYN);
        byte[] udp = datagram("100.127.0.1", "10.96.0.10");
        byte[] echo = echo("100.127.0.1", "10.96.0.10");
        return List.of(
                dialogue(syn, 0, ack, back),
                dialogue(syn, 1, ack, back),
                dialogue(syn6, 0, syn6, syn6),
                dialogue(syn6, 2, syn6, syn6),
                new Bytes().octet(1).chunk(udp).octet(6).octet(0).chunk(new byte[5]).array(),
                new Bytes().octet(1).chunk(udp).octet(6).octet(0).chunk(new byte[1500]).array(),
                new Bytes().octet(1).chunk(echo).octet(6).octet(1).chunk(new byte[5]).array(),
                new Bytes()
                        .octet(0)
                        .chunk(fragment(0, true))
                        .octet(0)
                        .chunk(fragment(16, false))
                        .array());
    }

    private static byte[] dialogue(byte[] syn, int outcome, byte[] next, byte[] last) {
        Bytes bytes = new Bytes().octet(1).chunk(syn).octet(4).octet(outcome);
        bytes.octet(1).chunk(next).octet(1).chunk(last).octet(3).number16(4096);
        return bytes.octet(5).octet(1).chunk(next).array();
    }

    private static byte[] segment(String from, String to, int flags) {
        ByteBuffer segment = ByteBuffer.allocate(TcpHeader.MIN_BYTES);
        TcpHeader.write(segment, 0, 40_000 << 16 | 8080, 1, 0, flags);
        return packet(from, to, IpProtocol.TCP, segment.array());
    }

    private static byte[] datagram(String from, String to) {
        ByteBuffer datagram = ByteBuffer.allocate(UdpHeader.BYTES + 4);
        UdpHeader.write(datagram, 0, 40_000, 53, 4);
        return packet(from, to, IpProtocol.UDP, datagram.array());
    }

    private static byte[] echo(String from, String to) {
        ByteBuffer echo = ByteBuffer.allocate(IcmpHeader.BYTES + 4);
        IcmpHeader.writeEcho(echo, 0, IcmpHeader.ECHO_REQUEST, 7);
        return packet(from, to, IpProtocol.ICMP, echo.array());
    }

    private static byte[] fragment(int at, boolean more) {
        byte[] bytes = packet("100.127.0.1", "10.96.0.10", IpProtocol.UDP, new byte[16]);
        Ipv4Header.writeFragment(ByteBuffer.wrap(bytes), 0, bytes.length, 9, at, more);
        return bytes;
    }

    private static byte[] packet(String from, String to, int protocol, byte[] content) {
        FlowView ends = FlowView.of(new FlowKey(address(from), address(to)));
        int header = ends.isIpv4() ? Ipv4Header.MIN_BYTES : Ipv6Header.BYTES;
        ByteBuffer packet = ByteBuffer.allocate(header + content.length);
        Replies.writeIp(packet, ends, protocol, content.length);
        return packet.put(header, content).array();
    }

    private static InetSocketAddress address(String literal) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), 1);
    }

    /** Each fragment may be one of another datagram, whose room is at most 64 KiB and its bits. */
    @Override
    public long capBytes(int inputBytes) {
        int fragments = Math.min(MOST_STEPS, inputBytes / Ipv4Header.MIN_BYTES);
        return 64 * 1024 + 8L * inputBytes + fragments * 72L * 1024;
    }
}
