package tp.daemon;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tp.os.InterfaceAddress;
import tp.os.NetworkConfiguration;
import tp.os.NetworkLink;
import tp.os.PacketDevice;
import tp.os.Tun;
import tp.spi.common.Cidr;
import tp.spi.transport.Sockets;

/** A real device, routes into it, and a data plane on it, in the namespace of this process. */
final class LaptopDevice implements AutoCloseable {

    static final String DNS = "10.254.7.2";
    static final String DEVICE = "10.254.7.1";
    static final String DNS6 = "fd74:7470:123::2";

    private final EventLoopGroup loops = Sockets.best().loops(1);
    final NearGateway gateway;
    private final DataPlane.Settings settings;

    /** As tp makes it, or nearly. */
    LaptopDevice() throws IOException {
        this(65_000);
    }

    LaptopDevice(int mtu) throws IOException {
        EventLoop loop = loops.next();
        gateway = new NearGateway(loop);
        PacketDevice device;
        var descriptor = Tun.create("tp0123abcd");
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            NetworkLink link = network.link("tp0123abcd").orElseThrow();
            network.addAddress(link, InterfaceAddress.parse(DEVICE + "/24"));
            network.addAddress(link, InterfaceAddress.parse("fd74:7470:123::1/64"));
            network.bringUp(link, mtu);
            network.addRoute(link, Cidr.parse("10.96.0.0/16"));
            network.addRoute(link, Cidr.parse("fd00:10:96::/112"));
            device = Tun.adopt(descriptor);
        }
        settings =
                new DataPlane.Settings(
                        device,
                        Cidr.parse("10.254.7.0/24"),
                        Optional.of(Cidr.parse("fd74:7470:123::/64")),
                        LocalEnds.here());
    }

    /** Answers every question with itself, and its first byte changed to tell TCP from UDP. */
    DataPlane start() {
        return DataPlane.start(
                settings,
                gateway,
                LaptopDevice::answer,
                lost -> {
                    throw new AssertionError(lost);
                });
    }

    private static void answer(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer) {
        answer.accept(query.put(0, (byte) (tcp ? 'T' : 'U')));
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never: " + what);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
}
