package tp.dist;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import tp.spi.common.TpException;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.DialOutcome;
import tp.tunnel.MappingRequest;
import tp.tunnel.ServerPin;
import tp.tunnel.SessionListener;
import tp.tunnel.Welcome;

/**
 * A client of the manager that was changed: it shows whatever token it is given, asks for whatever
 * namespaces, and dials what it was not granted. Run beside the laptop by {@link TrustIT}.
 *
 * <p>Arguments: the local port that leads to the manager, the pin, the namespaces ({@code *} for
 * all, else with commas between), and addresses to dial as {@code IP:PORT}. The token is read from
 * the standard input.
 */
final class Peer {

    private Peer() {}

    public static void main(String[] args) throws Exception {
        String token = new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        MappingRequest mapping =
                args[2].equals("*")
                        ? MappingRequest.everything()
                        : MappingRequest.of(List.of(args[2].split(",", -1)));
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (ClientSession session =
                ClientSession.open(
                        SocketChannel.open(
                                new InetSocketAddress(
                                        InetAddress.getLoopbackAddress(),
                                        Integer.parseInt(args[0]))),
                        new ClientHello("changed", token, mapping),
                        new ServerPin(args[1]),
                        new Silent(),
                        loops)) {
            System.out.println("welcome to " + String.join(",", session.welcome().namespaces()));
            for (int i = 3; i < args.length; i++) {
                System.out.println(args[i] + " " + dial(session, args[i]));
            }
        } catch (TpException e) {
            System.out.println("refused: " + e.line());
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    private static DialOutcome dial(ClientSession session, String target) throws Exception {
        int colon = target.lastIndexOf(':');
        AtomicReference<DialOutcome> outcome = new AtomicReference<>(DialOutcome.TIMED_OUT);
        CountDownLatch dialed = new CountDownLatch(1);
        session.dial(
                new InetSocketAddress(
                        target.substring(0, colon), Integer.parseInt(target.substring(colon + 1))),
                (end, flow) -> {
                    outcome.set(end);
                    dialed.countDown();
                });
        dialed.await(10, TimeUnit.SECONDS);
        return outcome.get();
    }

    private static final class Silent implements SessionListener {
        @Override
        public void updated(Welcome welcome) {}

        @Override
        public void closed(String reason) {}
    }
}
