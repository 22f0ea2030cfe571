package tp.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tp.os.PacketDevice;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.stack.Counter;
import tp.stack.LocalNet;
import tp.stack.StackSettings;
import tp.stack.StackSettings.Limits;

/**
 * From the TUN to the session and back. Threads: "tp-tun" owns device and stack ({@link TunLoop}),
 * the session's event loop owns accepted sockets; they speak through the {@link Mailbox}.
 */
final class DataPlane implements AutoCloseable {

    private static final Duration STOPPING = Duration.ofSeconds(2);
    private static final Duration LOOKING = Duration.ofSeconds(2);

    /**
     * What it works on.
     *
     * @param device up, with .1 of each network as its address; owned from here on, closed with the
     *     data plane, also if starting fails
     * @param ipv4 the device's network: .2 is DNS, .16 to .31 are aliases
     * @param ipv6 likewise, where the host has IPv6
     * @param ends where connections end locally
     */
    record Settings(PacketDevice device, Cidr ipv4, Optional<Cidr> ipv6, LocalEnds ends) {}

    private final LocalListener listener;
    private final TunLoop loop;
    private final TunLoop.Parts parts;
    private final Thread thread;

    private DataPlane(LocalListener listener, TunLoop loop, TunLoop.Parts parts) {
        this.listener = listener;
        this.loop = loop;
        this.parts = parts;
        thread = Thread.ofPlatform().name("tp-tun").daemon().unstarted(loop);
    }

    /**
     * Starts, and proves with a connection of its own that packets get through, where it can.
     *
     * @param lost told once if the device goes away
     * @throws TpException naming the host firewall, where one is in the way
     */
    static DataPlane start(
            Settings settings, FlowGateway gateway, NameServer names, Consumer<IOException> lost) {
        PacketDevice device = settings.device();
        Mailbox mailbox = new Mailbox(device::wake);
        DnsPort dns = new DnsPort(names, mailbox);
        ListenerProbe probe = new ListenerProbe();
        LocalServices local = new LocalServices(dnsAddresses(settings), dns, probe);
        TcpDials dials = new TcpDials(gateway, mailbox, local);
        LocalListener listener = new LocalListener(gateway.loop(), dials::accepted);
        UdpRelay udp = new UdpRelay(gateway, mailbox);
        EchoRelay echoes = new EchoRelay(gateway, mailbox);
        TunLoop.Parts parts = new TunLoop.Parts(dials, udp, echoes, dns, local, mailbox);
        StackSettings stack;
        try {
            stack =
                    new StackSettings(
                            Optional.of(listening(settings, settings.ipv4(), listener)),
                            settings.ipv6().map(net -> listening(settings, net, listener)),
                            device.mtu(),
                            Limits.standard());
        } catch (TpException e) {
            listener.close();
            device.close();
            throw e;
        }
        DataPlane plane = new DataPlane(listener, new TunLoop(device, stack, parts, lost), parts);
        plane.thread.start();
        if (settings.ends().areHere()) {
            plane.prove(probe, device.name(), stack);
        }
        return plane;
    }

    private static LocalNet listening(Settings settings, Cidr network, LocalListener listener) {
        InetAddress device = net(network, 0).device();
        return net(network, settings.ends().open(listener, device));
    }

    private static LocalNet net(Cidr network, int listenerPort) {
        return LocalNet.of(network.network(), network.prefixLength(), listenerPort);
    }

    private static List<InetAddress> dnsAddresses(Settings settings) {
        List<InetAddress> addresses = new ArrayList<>();
        addresses.add(net(settings.ipv4(), 0).dns());
        settings.ipv6().ifPresent(network -> addresses.add(net(network, 0).dns()));
        return List.copyOf(addresses);
    }

    private void prove(ListenerProbe probe, String device, StackSettings stack) {
        try {
            for (Optional<LocalNet> net : List.of(stack.ipv4(), stack.ipv6())) {
                net.ifPresent(at -> probe.run(device, at.dns(), at.device()));
            }
        } catch (TpException e) {
            close();
            throw e;
        }
    }

    /** {@return counts and gauges at this moment; any thread} */
    DataPlaneStatistics statistics() {
        Map<Counter, Long> packets = new EnumMap<>(Counter.class);
        for (Counter counter : Counter.values()) {
            packets.put(counter, loop.count(counter));
        }
        return new DataPlaneStatistics(
                loop.flows(),
                loop.heldSyns(),
                parts.dials().inFlight(),
                listener.open(),
                loop.udpFlows(),
                loop.echoFlows(),
                loop.reassembling(),
                parts.udp().evicted() + parts.echoes().evicted(),
                parts.mailbox().dropped(),
                parts.dns().dropped(),
                parts.dials().strangers(),
                listener.failures(),
                loop.failures(),
                packets);
    }

    /** {@return the conversations that go through at this moment} May block for a moment. */
    List<LiveFlow> flows() {
        var answer = new CompletableFuture<List<LiveFlow>>();
        parts.mailbox().post(new Mailbox.Letter.Look(answer));
        try {
            return answer.get(LOOKING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new TpException(
                    TpException.Category.TRANSIENT,
                    "the packet loop does not answer",
                    "try again",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /**
     * Resets every connection, tells waiting applications that there is no network, and closes the
     * device. A second call does nothing.
     */
    @Override
    public void close() {
        listener.close();
        loop.stop();
        try {
            thread.join(STOPPING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
