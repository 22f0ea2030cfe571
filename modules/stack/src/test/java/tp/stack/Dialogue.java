package tp.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tp.stack.StackSettings.Limits;

/** A stack in virtual time whose every word is written down. */
final class Dialogue implements StackEvents {

    static final String APP = "100.127.0.1:40000";
    static final String SERVICE = "10.96.0.10:8080";
    static final String LISTENER = "100.127.0.1:7100";
    static final String ALIAS = "100.127.0.16:1024";
    static final String APP6 = "fd74:7470::1:40000";
    static final String SERVICE6 = "fd00:10::5:8080";
    static final String LISTENER6 = "fd74:7470::1:7100";
    static final String ALIAS6 = "fd74:7470::10:1024";

    static final long SECOND = 1_000_000_000L;

    final Stack stack;
    private final List<String> said = new ArrayList<>();
    final List<byte[]> payloads = new ArrayList<>();
    final List<ByteBuffer> sent = new ArrayList<>();
    private final List<Long> dials = new ArrayList<>();
    long nowNs;

    Dialogue() {
        this(new Limits(1_000, 100, 60 * SECOND));
    }

    Dialogue(Limits limits) {
        this(limits, true);
    }

    Dialogue(int mtu) {
        this(new Limits(1_000, 100, 60 * SECOND), true, mtu);
    }

    Dialogue(Limits limits, boolean withIpv6) {
        this(limits, withIpv6, 65_535);
    }

    private Dialogue(Limits limits, boolean withIpv6, int mtu) {
        LocalNet ipv4 = LocalNet.of(InetAddress.ofLiteral("100.127.0.0"), 24, 7100);
        LocalNet ipv6 = LocalNet.of(InetAddress.ofLiteral("fd74:7470::"), 64, 7100);
        Optional<LocalNet> second = withIpv6 ? Optional.of(ipv6) : Optional.empty();
        stack = new Stack(new StackSettings(Optional.of(ipv4), second, mtu, limits), this);
    }

    /** {@return all that was said since the last question, the packet itself included} */
    List<String> hear(ByteBuffer packet) {
        said.clear();
        Verdict verdict = stack.receive(packet, nowNs);
        if (verdict == Verdict.WRITE_BACK) {
            said.add("back " + Packets.describe(packet));
        } else if (verdict == Verdict.DROPPED) {
            said.add("dropped");
        }
        return List.copyOf(said);
    }

    List<String> answer(DialOutcome outcome) {
        said.clear();
        if (!stack.dialed(lastDial(), outcome, nowNs)) {
            said.add("nobody waits");
        }
        return List.copyOf(said);
    }

    List<String> pass(long ns) {
        said.clear();
        long until = nowNs + ns;
        while (stack.nextTimeoutNs() <= until) {
            nowNs = stack.nextTimeoutNs();
            stack.onTimeout(nowNs);
        }
        nowNs = until;
        return List.copyOf(said);
    }

    List<String> send(Runnable action) {
        said.clear();
        action.run();
        return List.copyOf(said);
    }

    long lastDial() {
        return dials.getLast();
    }

    int dials() {
        return dials.size();
    }

    /** Brings a connection up to its admitted SYN. */
    void connect(String from, String to, int sequence) {
        hear(Packets.tcp(from, to, "S", sequence, 0));
        answer(DialOutcome.ESTABLISHED);
    }

    @Override
    public void dial(long dialId, FlowView flow) {
        dials.add(dialId);
        FlowKey key = flow.toKey();
        said.add("dial " + text(key.source()) + " > " + text(key.destination()));
    }

    @Override
    public void cancelDial(long dialId) {
        said.add("cancel " + dials.indexOf(dialId));
    }

    @Override
    public void admitted(long dialId, int slot, InetSocketAddress place) {
        said.add("admitted " + text(place));
    }

    @Override
    public void resetSeen(long dialId, int slot, InetSocketAddress place) {
        said.add("reset seen");
    }

    @Override
    public void udp(FlowView flow, ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.get(payload.position(), bytes);
        payloads.add(bytes);
        said.add("udp " + text(flow.toKey().destination()) + " " + payload.remaining());
    }

    @Override
    public void echo(FlowView flow, ByteBuffer echoed) {
        byte[] bytes = new byte[echoed.remaining()];
        echoed.get(echoed.position(), bytes);
        payloads.add(bytes);
        said.add(
                "echo %s id %d seq %d %d"
                        .formatted(
                                text(flow.toKey().destination()).replaceFirst(":0$", ""),
                                flow.sourcePort(),
                                echoed.getShort(echoed.position()) & 0xffff,
                                echoed.remaining() - 2));
    }

    @Override
    public void transmit(ByteBuffer packet) {
        ByteBuffer copy = ByteBuffer.allocate(packet.remaining());
        sent.add(copy.put(0, packet, packet.position(), packet.remaining()));
        said.add("send " + Packets.describe(packet));
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress().replaceFirst("(:0)+:", "::");
        return host + ":" + address.getPort();
    }
}
