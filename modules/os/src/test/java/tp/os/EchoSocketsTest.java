package tp.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Real sockets in a network namespace of their own. */
class EchoSocketsTest {

    @Test
    void asksForEchoesWhereTheSystemLetsIt() throws Exception {
        assertThat(OwnNetwork.run(Program.class).lines().toList())
                .containsExactly(
                        "closed range: EACCES",
                        "127.0.0.1 seq 7 data 56",
                        "127.0.0.1 seq 65535 data 0",
                        "127.0.0.1 seq 8 data 65507",
                        "127.0.0.1 too long: EMSGSIZE",
                        "::1 seq 9 data 8000",
                        "no way to 10.9.9.9: EHOSTUNREACH",
                        "192.0.2.1 seq 3 error 3/1",
                        "192.0.2.1 seq 4 error 3/1",
                        "2001:db8::1 seq 5 error 1/0",
                        "ears that throw: 2, and the next seq 2 data 1",
                        "full: EMFILE",
                        "open 0");
    }

    /** Runs in the namespace. */
    static final class Program {

        private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ping_group_range");

        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

        public static void main(String[] arguments) throws Exception {
            new Program().run();
        }

        private void run() throws Exception {
            try {
                EchoSockets.start();
            } catch (OsException e) {
                System.out.println("closed range: " + e.errno());
            }
            Files.writeString(RANGE, "0 0");
            Process router =
                    new ProcessBuilder("unshare", "-n", "sleep", "infinity")
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try {
                join(router);
                ask();
            } finally {
                router.destroyForcibly();
            }
        }

        private void ask() throws Exception {
            EchoSockets sockets = EchoSockets.start();
            try (EchoSocket loopback = open(sockets, "127.0.0.1")) {
                System.out.println(ask(loopback, "127.0.0.1", 7, 56));
                System.out.println(ask(loopback, "127.0.0.1", 65_535, 0));
                System.out.println(ask(loopback, "127.0.0.1", 8, 65_507));
                System.out.println(ask(loopback, "127.0.0.1", 9, 65_530));
            }
            try (EchoSocket loopback = open(sockets, "::1")) {
                System.out.println(ask(loopback, "::1", 9, 8_000));
            }
            try {
                open(sockets, "10.9.9.9").close();
                System.out.println("connected");
            } catch (OsException e) {
                System.out.println("no way to 10.9.9.9: " + e.errno());
            }
            errors(sockets);
            throwing(sockets);
            full(sockets);
            sockets.close();
            sockets.close();
            System.out.println("open " + sockets.size());
        }

        /** Another namespace on the other end of a cable, which knows no way further. */
        private static void join(Process router) throws Exception {
            String script =
                    """
                    set -e
                    router=$1
                    ip route add unreachable 10.9.9.0/24
                    until [ "$(readlink /proc/$router/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
                    ip link add near type veth peer name far netns $router
                    ip address add 10.1.0.1/30 dev near
                    ip address add fd00::1/64 dev near nodad
                    ip link set near up
                    nsenter --net=/proc/$router/ns/net sh -ec '
                      echo 1 >/proc/sys/net/ipv4/ip_forward
                      echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
                      echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
                      ip address add 10.1.0.2/30 dev far
                      ip address add fd00::2/64 dev far nodad
                      ip link set far up
                      ip route add unreachable 192.0.2.0/24
                      ip route add unreachable 2001:db8::/32'
                    ip route add 192.0.2.0/24 via 10.1.0.2
                    ip route add 2001:db8::/32 via fd00::2
                    """;
            Process shell =
                    new ProcessBuilder("sh", "-c", script, "sh", Long.toString(router.pid()))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (shell.waitFor() != 0) {
                throw new IllegalStateException("the router is not there");
            }
        }

        private void errors(EchoSockets sockets) throws Exception {
            try (EchoSocket far = open(sockets, "192.0.2.1")) {
                System.out.println(ask(far, "192.0.2.1", 3, 56));
                System.out.println(ask(far, "192.0.2.1", 4, 1_400));
            }
            try (EchoSocket far = open(sockets, "2001:db8::1")) {
                System.out.println(ask(far, "2001:db8::1", 5, 56));
            }
        }

        private void throwing(EchoSockets sockets) throws Exception {
            System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            EchoSocket.Ears bad =
                    new EchoSocket.Ears() {
                        @Override
                        public void replied(ByteBuffer echoed) {
                            heard.add("bad");
                            throw new IllegalStateException("as a test");
                        }

                        @Override
                        public void failed(int sequence, int type, int code) {}
                    };
            try (EchoSocket first = sockets.open(loopback, bad);
                    EchoSocket second = open(sockets, "127.0.0.1")) {
                ask(first, "127.0.0.1", 1, 1);
                ask(first, "127.0.0.1", 2, 1);
                String next = ask(second, "127.0.0.1", 2, 1);
                System.out.println(
                        "ears that throw: "
                                + sockets.failures()
                                + ", and the next "
                                + next.substring("127.0.0.1 ".length()));
            }
        }

        private void full(EchoSockets sockets) throws Exception {
            List<EchoSocket> many = new ArrayList<>();
            try {
                for (int i = 0; i <= EchoSockets.MAX_SOCKETS; i++) {
                    many.add(open(sockets, "127.0.0.1"));
                }
            } catch (OsException e) {
                System.out.println("full: " + e.errno());
            }
            many.forEach(EchoSocket::close);
        }

        private EchoSocket open(EchoSockets sockets, String target) throws IOException {
            return sockets.open(
                    InetAddress.ofLiteral(target),
                    new EchoSocket.Ears() {
                        @Override
                        public void replied(ByteBuffer echoed) {
                            int sequence = echoed.getShort() & 0xffff;
                            String wrong = "";
                            int data = echoed.remaining();
                            for (int i = 0; i < data; i++) {
                                wrong = echoed.get() == (byte) i ? wrong : " wrong";
                            }
                            heard.add(target + " seq " + sequence + " data " + data + wrong);
                        }

                        @Override
                        public void failed(int sequence, int type, int code) {
                            heard.add(target + " seq " + sequence + " error " + type + "/" + code);
                        }
                    });
        }

        private String ask(EchoSocket socket, String target, int sequence, int data)
                throws Exception {
            ByteBuffer echoed = ByteBuffer.allocate(2 + data).putShort((short) sequence);
            for (int i = 0; i < data; i++) {
                echoed.put((byte) i);
            }
            try {
                socket.send(echoed.flip());
            } catch (OsException e) {
                return target + " too long: " + e.errno();
            }
            String said = heard.poll(10, TimeUnit.SECONDS);
            return said == null ? target + " silence" : said;
        }
    }
}
