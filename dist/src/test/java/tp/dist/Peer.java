package tp.dist;

import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import tp.spi.common.TpException;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.DialOutcome;
import tp.tunnel.DnsListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionListener;
import tp.tunnel.Welcome;

/**
 * A client of the manager that was changed: it shows whatever token it is given, asks for whatever
 * namespaces, and dials what it was not granted. Run beside the laptop by {@link TrustIT}.
 *
 * <p>Arguments: the local port that leads to the manager, the pin, the namespaces ({@code *} for
 * all, else with commas between), addresses to dial as {@code IP:PORT}, names to ask for, and other
 * namespaces to change to as {@code remap=}. The token is read from the standard input.
 */
final class Peer {

    private Peer() {}

    public static void main(String[] args) throws Exception {
        String token = new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        EventLoopGroup loops = Sockets.best().loops(1);
        try (ClientSession session =
                ClientSession.open(
                        new ByteLink(
                                SocketChannel.open(
                                        new InetSocketAddress(
                                                InetAddress.getLoopbackAddress(),
                                                Integer.parseInt(args[0])))),
                        new ClientHello("changed", token, mapping(args[2])),
                        new ServerPin(args[1]),
                        new Silent(),
                        loops)) {
            System.out.println("welcome to " + String.join(",", session.welcome().namespaces()));
            for (int i = 3; i < args.length; i++) {
                System.out.println(args[i] + " " + told(session, args[i]));
            }
        } catch (TpException e) {
            System.out.println("refused: " + e.line());
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    private static Object told(ClientSession session, String wish) throws Exception {
        if (wish.startsWith("remap=")) {
            return remap(session, wish.substring("remap=".length()));
        }
        return wish.contains(":") ? dial(session, wish) : ask(session, wish);
    }

    private static String remap(ClientSession session, String namespaces) throws Exception {
        try {
            Welcome now = session.remap(mapping(namespaces), Duration.ofSeconds(10));
            return "welcome to " + String.join(",", now.namespaces());
        } catch (TpException e) {
            return "refused: " + e.line();
        }
    }

    private static MappingRequest mapping(String namespaces) {
        return namespaces.equals("*")
                ? MappingRequest.everything()
                : MappingRequest.of(List.of(namespaces.split(",", -1)));
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

    /** {@return the response code (RFC 1035 §4.1.1): 0 is an answer, 5 is REFUSED} */
    private static String ask(ClientSession session, String name) throws Exception {
        ByteBuffer query = ByteBuffer.allocate(512);
        query.putShort((short) 7).putShort((short) 0x0100).putShort((short) 1);
        query.position(12);
        for (String label : name.split("\\.", -1)) {
            query.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        query.put((byte) 0).putShort((short) 1).putShort((short) 1).flip();
        BlockingQueue<String> said = new ArrayBlockingQueue<>(1);
        session.query(
                query,
                false,
                new DnsListener() {
                    @Override
                    public void answered(ByteBuffer message) {
                        said.add("answered " + (message.get(message.position() + 3) & 15));
                    }

                    @Override
                    public void failed() {
                        said.add("not answered");
                    }
                });
        return String.valueOf(said.poll(10, TimeUnit.SECONDS));
    }

    /** Hears everything and says nothing of it. */
    static final class Silent implements SessionListener {
        @Override
        public void updated(Welcome welcome) {}

        @Override
        public void doubtful(String reason) {}

        @Override
        public void closed(String reason) {}
    }
}
