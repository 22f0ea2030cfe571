package tp.manager;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import tp.os.EchoSocket;
import tp.os.EchoSockets;
import tp.os.Errno;
import tp.os.OsException;
import tp.tunnel.EchoFailure;
import tp.tunnel.EchoTarget;

/**
 * Asks over unprivileged sockets of ICMP, where this pod may open them: that is a setting of its
 * network namespace, and neither a capability nor a right in the cluster.
 */
final class SocketPings implements Pings, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(SocketPings.class.getName());

    private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ping_group_range");

    /** Empty sockets have a reason. */
    private record Started(Optional<EchoSockets> sockets, String refusal) {}

    /** In the background: the first calls into C take longer than the rest of a start. */
    private final FutureTask<Started> starting = new FutureTask<>(SocketPings::begin);

    private SocketPings() {}

    static SocketPings start() {
        SocketPings pings = new SocketPings();
        Thread.ofPlatform().name("tp-echo-start").daemon().start(pings.starting);
        return pings;
    }

    private static Started begin() {
        try {
            return new Started(Optional.of(EchoSockets.start()), "");
        } catch (OsException e) {
            return refused(e.errno() == Errno.EACCES ? closedRange() : whatFailed(e));
        } catch (LinkageError | RuntimeException e) {
            return refused(whatFailed(e));
        }
    }

    private static Started refused(String reason) {
        LOG.log(System.Logger.Level.INFO, "pings are not answered: {0}", reason);
        return new Started(Optional.empty(), reason);
    }

    private static String closedRange() {
        return "the manager's pod may not open ICMP sockets (its net.ipv4.ping_group_range, "
                + range()
                + ", does not hold the manager's group)";
    }

    /** In one piece: who reads such a file on gets nothing more of it. */
    private static String range() {
        byte[] bytes = new byte[64];
        try (InputStream file = Files.newInputStream(RANGE)) {
            int count = Math.max(0, file.read(bytes));
            String text = new String(bytes, 0, count, StandardCharsets.US_ASCII);
            return '"' + text.strip().replace('\t', ' ') + '"';
        } catch (IOException e) {
            return "which cannot be read";
        }
    }

    private static String whatFailed(Throwable e) {
        return "the manager's pod cannot open ICMP sockets (" + e.getMessage() + ")";
    }

    private Started started() {
        try {
            return starting.get();
        } catch (ExecutionException e) {
            return new Started(Optional.empty(), whatFailed(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Started(Optional.empty(), whatFailed(e));
        }
    }

    @Override
    public String refusal() {
        return started().refusal();
    }

    @Override
    public EchoTarget open(InetAddress target, EchoTarget.Ears ears) throws IOException {
        EchoSockets sockets =
                started().sockets().orElseThrow(() -> new IOException(started().refusal()));
        try {
            return new Asked(sockets.open(target, new Told(target, ears)), ears);
        } catch (OsException e) {
            EchoFailure reason = failure(e.errno()).orElseThrow(() -> e);
            return new NoWay(ears, reason);
        }
    }

    @Override
    public void close() {
        started().sockets().ifPresent(EchoSockets::close);
    }

    /**
     * {@return what a call means that failed for that reason; empty where only this one is lost}
     */
    static Optional<EchoFailure> failure(Errno errno) {
        return switch (errno) {
            case ENETUNREACH -> Optional.of(EchoFailure.NETWORK_UNREACHABLE);
            case EHOSTUNREACH -> Optional.of(EchoFailure.HOST_UNREACHABLE);
            case EACCES, EPERM -> Optional.of(EchoFailure.PROHIBITED);
            default -> Optional.empty();
        };
    }

    /**
     * {@return what an ICMP error says (RFC 1812 §5.2.7.1, RFC 4443 §3.1, §3.3)} Empty for what is
     * none about reaching the target: "fragmentation needed" is between the kernel and the routers.
     */
    static Optional<EchoFailure> failure(boolean ipv4, int type, int code) {
        if (type == (ipv4 ? 11 : 3)) {
            return Optional.of(EchoFailure.EXPIRED);
        }
        if (type != (ipv4 ? 3 : 1)) {
            return Optional.empty();
        }
        return ipv4 ? unreachable(code) : unreachableV6(code);
    }

    private static Optional<EchoFailure> unreachable(int code) {
        return switch (code) {
            case 0, 6, 8, 11 -> Optional.of(EchoFailure.NETWORK_UNREACHABLE);
            case 1, 5, 7, 12 -> Optional.of(EchoFailure.HOST_UNREACHABLE);
            case 2, 3 -> Optional.of(EchoFailure.PORT_UNREACHABLE);
            case 9, 10, 13, 14, 15 -> Optional.of(EchoFailure.PROHIBITED);
            default -> Optional.empty();
        };
    }

    private static Optional<EchoFailure> unreachableV6(int code) {
        return switch (code) {
            case 0 -> Optional.of(EchoFailure.NETWORK_UNREACHABLE);
            case 2, 3 -> Optional.of(EchoFailure.HOST_UNREACHABLE);
            case 4 -> Optional.of(EchoFailure.PORT_UNREACHABLE);
            case 1, 5, 6 -> Optional.of(EchoFailure.PROHIBITED);
            default -> Optional.empty();
        };
    }

    private record Asked(EchoSocket socket, EchoTarget.Ears ears) implements EchoTarget {

        @Override
        public void ask(ByteBuffer echoed) {
            try {
                socket.send(echoed);
            } catch (OsException e) {
                failure(e.errno())
                        .ifPresent(
                                reason ->
                                        ears.failed(
                                                echoed.getShort(echoed.position()) & 0xffff,
                                                reason));
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** A target without a way to it: the kernel says so at once, each time. */
    private record NoWay(EchoTarget.Ears ears, EchoFailure reason) implements EchoTarget {

        @Override
        public void ask(ByteBuffer echoed) {
            ears.failed(echoed.getShort(echoed.position()) & 0xffff, reason);
        }

        @Override
        public void close() {}
    }

    private record Told(InetAddress target, EchoTarget.Ears ears) implements EchoSocket.Ears {

        @Override
        public void replied(ByteBuffer echoed) {
            ears.replied(echoed);
        }

        @Override
        public void failed(int sequence, int type, int code) {
            failure(target.getAddress().length == 4, type, code)
                    .ifPresent(reason -> ears.failed(sequence, reason));
        }
    }
}
