package tp.dist;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import tp.spi.common.TpException;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.DialOutcome;
import tp.tunnel.FlowKeep;
import tp.tunnel.MappingRequest;

/**
 * Many clients of one manager at once, each with a session, a key and flows of its own, as so many
 * laptops have. Run beside the laptop by {@link ManyFlowsIT}.
 *
 * <p>Arguments: the local port that leads to the manager, the pin, an echo service as {@code
 * IP:PORT}, how many clients, and how many flows of each. The token is read from the standard
 * input.
 */
final class Crowd implements AutoCloseable {

    private static final int BYTES = 64 * 1024;

    private final EventLoopGroup loops = Sockets.best().loops(2);
    private final InetSocketAddress manager;
    private final ServerPin pin;
    private final InetSocketAddress target;
    private final String token;
    private final List<ClientSession> sessions = new ArrayList<>();

    private Crowd(String[] args, String token) {
        manager =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        pin = new ServerPin(args[1]);
        int colon = args[2].lastIndexOf(':');
        target =
                new InetSocketAddress(
                        args[2].substring(0, colon),
                        Integer.parseInt(args[2].substring(colon + 1)));
        this.token = token;
    }

    public static void main(String[] args) throws Exception {
        String token = new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        int clients = Integer.parseInt(args[3]);
        int flows = Integer.parseInt(args[4]);
        long startNs = System.nanoTime();
        try (Crowd crowd = new Crowd(args, token);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> doors = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                doors.add(threads.submit(crowd::open));
            }
            List<Socket> applications = new ArrayList<>();
            for (Future<Integer> door : doors) {
                for (int i = 0; i < flows; i++) {
                    applications.add(new Socket(InetAddress.getLoopbackAddress(), door.get()));
                }
            }
            List<Future<Boolean>> echoes = new ArrayList<>();
            for (int i = 0; i < applications.size(); i++) {
                int number = i;
                echoes.add(threads.submit(() -> echoed(applications.get(number), number)));
            }
            int right = 0;
            for (Future<Boolean> echo : echoes) {
                right += echo.get() ? 1 : 0;
            }
            System.out.printf(
                    "%d clients, %d of %d flows right, after %d ms%n",
                    clients,
                    right,
                    applications.size(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
            for (Socket application : applications) {
                application.close();
            }
        } catch (TpException e) {
            System.out.println("refused: " + e.line());
        }
    }

    /** {@return the port whose connections are flows of a new client} */
    private int open() throws IOException, InterruptedException {
        ClientSession session =
                ClientSession.open(
                        new ByteLink(SocketChannel.open(manager)),
                        new ClientHello("crowd", token, MappingRequest.everything()),
                        pin,
                        new Peer.Silent(),
                        loops,
                        FlowKeep.create());
        synchronized (sessions) {
            sessions.add(session);
        }
        Channel door =
                new ServerBootstrap()
                        .group(loops)
                        .channel(Sockets.of(loops).listener())
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childHandler(new Join(session, target))
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .sync()
                        .channel();
        return ((InetSocketAddress) door.localAddress()).getPort();
    }

    private static final class Join
            extends ChannelInitializer<io.netty.channel.socket.SocketChannel> {

        private final ClientSession session;
        private final InetSocketAddress target;

        Join(ClientSession session, InetSocketAddress target) {
            this.session = session;
            this.target = target;
        }

        @Override
        protected void initChannel(io.netty.channel.socket.SocketChannel accepted) {
            session.dial(
                    target,
                    (outcome, flow) -> {
                        if (outcome == DialOutcome.ESTABLISHED) {
                            flow.attach(accepted);
                        } else {
                            accepted.close();
                        }
                    });
        }
    }

    private static boolean echoed(Socket application, int number) throws IOException {
        byte[] bytes = new byte[BYTES];
        new SplittableRandom(number).nextBytes(bytes);
        application.getOutputStream().write(bytes);
        return Arrays.equals(bytes, application.getInputStream().readNBytes(BYTES));
    }

    @Override
    public void close() {
        synchronized (sessions) {
            sessions.forEach(ClientSession::close);
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
