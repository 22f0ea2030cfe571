package tp.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import tp.metrics.MetricsGuard;
import tp.metrics.MetricsPage;

/**
 * The session's numbers for Prometheus, by HTTP on a Unix socket beside the daemon's own, in a
 * folder that only its owner can open.
 */
final class MetricsPort implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(MetricsPort.class.getName());

    private final Path socket;
    private final Supplier<String> text;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("tp-metrics", true), NioIoHandler.newFactory());
    private final Thread starting;

    private MetricsPort(Path socket, Supplier<String> text) {
        this.socket = socket;
        this.text = text;
        starting = Thread.ofVirtual().name("metrics-port").unstarted(this::listen);
    }

    /** Starts to listen soon; nobody who connects waits for that. Failing is logged. */
    static MetricsPort start(Path socket, Supplier<String> text) {
        MetricsPort port = new MetricsPort(socket, text);
        port.starting.start();
        return port;
    }

    private void listen() {
        try {
            Files.deleteIfExists(socket);
            Channel listener =
                    new ServerBootstrap()
                            .group(loops)
                            .channel(NioServerDomainSocketChannel.class)
                            .childHandler(new MetricsPage(MetricsGuard.NONE, text))
                            .bind(UnixDomainSocketAddress.of(socket))
                            .sync()
                            .channel();
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            LOG.log(System.Logger.Level.DEBUG, "metrics at {0}", listener.localAddress());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "no metrics: {0}", e.toString());
        }
    }

    @Override
    public void close() throws IOException {
        try {
            starting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        Files.deleteIfExists(socket);
    }
}
