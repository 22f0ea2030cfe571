package tp.manager;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import tp.metrics.Exposition;
import tp.metrics.MetricsGuard;
import tp.metrics.MetricsPage;
import tp.spi.transport.Sockets;
import tp.tunnel.ServerKey;
import tp.tunnel.ServerStatistics;

/** The manager's numbers for Prometheus, by HTTPS with the manager's own key. */
final class ManagerMetrics implements AutoCloseable {

    private final Channel listener;

    private ManagerMetrics(Channel listener) {
        this.listener = listener;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException where the port cannot be had
     */
    static ManagerMetrics start(
            InetSocketAddress bind,
            ServerKey key,
            EventLoopGroup loops,
            MetricsGuard guard,
            Supplier<ServerStatistics> numbers)
            throws IOException, InterruptedException {
        SslContext tls = tls(key);
        MetricsPage page = new MetricsPage(guard, () -> text(numbers.get()));
        Channel bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(Sockets.of(loops).listener())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(tls.newHandler(channel.alloc()), page);
                                    }
                                })
                        .bind(bind)
                        .sync()
                        .channel();
        return new ManagerMetrics(bound);
    }

    private static SslContext tls(ServerKey key) throws SSLException {
        return SslContextBuilder.forServer(key.key(), key.certificate())
                .protocols("TLSv1.3")
                .build();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    static String text(ServerStatistics now) {
        return new Exposition()
                .gauge("tp_manager_connections", "Connections, let in or not.", now.connections())
                .gauge("tp_manager_sessions", "Clients that are let in.", now.sessions())
                .gauge("tp_manager_flows", "Flows, those that are dialed included.", now.flows())
                .gauge("tp_manager_dials", "Dials under way.", now.dials())
                .counter(
                        "tp_manager_refused_total",
                        "Connections that were turned away.",
                        now.refused())
                .counter(
                        "tp_manager_malformed_total",
                        "Messages that were none or broke the protocol.",
                        now.malformed())
                .gauge(
                        "tp_manager_waiting_flows",
                        "TCP flows whose connection was lost and that wait for their client.",
                        now.kept().waiting())
                .gauge(
                        "tp_manager_retained_bytes",
                        "Bytes of services that are kept for flows that wait.",
                        now.kept().bytes())
                .counter(
                        "tp_manager_resumed_flows_total",
                        "How often a flow went on over another connection.",
                        now.kept().resumed())
                .counter(
                        "tp_manager_dropped_flows_total",
                        "Flows that waited and were reset.",
                        now.kept().dropped())
                .gauge(
                        "tp_manager_held_bytes",
                        "Bytes of flows on their way through the manager.",
                        now.shares().heldBytes())
                .gauge(
                        "tp_manager_waiting_dials",
                        "Dials that wait until others of their connection have ended.",
                        now.shares().waitingDials())
                .counter(
                        "tp_manager_over_memory_flows_total",
                        "Flows that were reset because their client held too much.",
                        now.shares().overMemory())
                .counters(
                        "tp_manager_bytes_total",
                        "Payload, seen from the manager.",
                        "direction",
                        Map.of(
                                "sent", now.traffic().bytesSent(),
                                "received", now.traffic().bytesReceived()))
                .counter(
                        "tp_manager_dropped_datagrams_total",
                        "Datagrams that were dropped because the tunnel was full.",
                        now.traffic().datagramsDropped())
                .text();
    }

    @Override
    public void close() {
        listener.close();
    }
}
