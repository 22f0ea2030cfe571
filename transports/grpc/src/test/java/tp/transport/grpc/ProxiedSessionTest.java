package tp.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.channel.EventLoopGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.transport.ChannelLink;
import tp.spi.transport.ClusterAccess;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Link;
import tp.spi.transport.Listener;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.testkit.LoopbackCluster;
import tp.testkit.TestIdentity;
import tp.tunnel.Admission;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.DialOutcome;
import tp.tunnel.DnsListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.ServerKey;
import tp.tunnel.SessionControl;
import tp.tunnel.SessionGrant;
import tp.tunnel.SessionListener;
import tp.tunnel.SessionServer;
import tp.tunnel.Welcome;

/** A whole session through somebody else's gRPC proxy, who sees nothing of it. */
@Timeout(60)
class ProxiedSessionTest {

    private static final String MARKER = "a secret that nobody on the way may read";
    private static final ClusterAccess NO_CLUSTER = new LoopbackCluster();

    private final EventLoopGroup loops = Sockets.best().loops(2);
    private SessionServer server;
    private Listener listener;

    @BeforeEach
    void start() throws Exception {
        server =
                SessionServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        key(Manager.IDENTITY),
                        (hello, peer) -> admit(hello),
                        loops);
        listener = Manager.listen(server);
    }

    @AfterEach
    void stop() {
        listener.close();
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static Admission admit(ClientHello hello) {
        return hello.token().equals(MARKER)
                ? new Admission.Granted(new Grant())
                : new Admission.Refused("another token");
    }

    private static ServerKey key(TestIdentity identity) throws Exception {
        char[] password = "testing".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        store.setKeyEntry(
                "test", identity.key(), password, new Certificate[] {identity.certificate()});
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, password);
        return ServerKey.load(bytes.toByteArray(), password);
    }

    @ParameterizedTest(name = "TLS that ends at the proxy: {0}")
    @CsvSource({"false, grpc+plain", "true, grpc"})
    void onlyCiphertextIsSeenOnTheWay(boolean tls, String scheme) throws Exception {
        try (JavaProxy proxy =
                JavaProxy.to(listener.address(), tls ? TestIdentity.create() : null)) {
            ServerPin pin = Manager.IDENTITY.pin();
            try (Transport transport = transport(scheme, proxy.port(), pin);
                    ClientSession session = session(transport, pin)) {
                assertThat(ask(session)).isEqualTo(MARKER);
            }

            String seen = new String(proxy.recorded(), StandardCharsets.ISO_8859_1);
            assertThat(seen).hasSizeGreaterThan(1000).doesNotContain(MARKER);
        }
    }

    @ParameterizedTest(name = "TLS that ends at the proxy: {0}")
    @CsvSource({"false, grpc+plain", "true, grpc"})
    void anotherKeyBehindTheProxyGetsNothing(boolean tls, String scheme) throws Exception {
        try (JavaProxy proxy =
                JavaProxy.to(listener.address(), tls ? TestIdentity.create() : null)) {
            ServerPin other = TestIdentity.create().pin();
            try (Transport transport = transport(scheme, proxy.port(), other)) {
                Throwable refused = catchThrowable(() -> session(transport, other));
                assertThat(refused)
                        .isInstanceOf(TpException.class)
                        .hasMessageContaining("key")
                        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
            }
        }
    }

    /** Before the session has its handlers on it, too. */
    @Test
    void aPipeThatIsLostAtOnceIsToldAtOnce() throws Exception {
        ServerPin pin = Manager.IDENTITY.pin();
        try (Transport transport = transport("grpc+plain", listener.address().getPort(), pin)) {
            ChannelLink link = (ChannelLink) transport.open();
            link.bytes().parent().close().sync();
            link.bytes().closeFuture().sync();
            long startNs = System.nanoTime();

            assertThat(catchThrowable(() -> session(link, pin))).isInstanceOf(TpException.class);
            assertThat(System.nanoTime() - startNs).isLessThan(TimeUnit.SECONDS.toNanos(5));
        }
    }

    private Transport transport(String scheme, int port, ServerPin pin) {
        return new GrpcProvider()
                .create(
                        new TransportContext(
                                NO_CLUSTER,
                                new ManagerLocation("tp-system", "tp-manager-0", 8443),
                                pin,
                                List.of(
                                        new Endpoint(
                                                URI.create(scheme + "://127.0.0.1:" + port),
                                                Endpoint.Source.GIVEN)),
                                loops));
    }

    private ClientSession session(Transport transport, ServerPin pin) throws IOException {
        return session(transport.open(), pin);
    }

    private ClientSession session(Link link, ServerPin pin) {
        return ClientSession.open(
                link,
                new ClientHello("test", MARKER, MappingRequest.everything()),
                pin,
                new Silent(),
                loops);
    }

    private static String ask(ClientSession session) throws InterruptedException {
        BlockingQueue<String> answers = new ArrayBlockingQueue<>(1);
        session.query(
                ByteBuffer.wrap(MARKER.getBytes(StandardCharsets.US_ASCII)),
                false,
                new DnsListener() {
                    @Override
                    public void answered(ByteBuffer message) {
                        answers.add(StandardCharsets.US_ASCII.decode(message).toString());
                    }

                    @Override
                    public void failed() {
                        answers.add("failed");
                    }
                });
        return String.valueOf(answers.poll(20, TimeUnit.SECONDS));
    }

    private static final class Silent implements SessionListener {
        @Override
        public void updated(Welcome welcome) {}

        @Override
        public void doubtful(String reason) {}

        @Override
        public void closed(String reason) {}
    }

    /** Whose DNS gives back every question. */
    private static final class Grant implements SessionGrant {
        @Override
        public String subject() {
            return "somebody";
        }

        @Override
        public Welcome welcome() {
            return new Welcome(
                    "0123456789abcdef",
                    7,
                    "test",
                    new Welcome.Zone("cluster.local", List.of(InetAddress.getLoopbackAddress())),
                    List.of(Cidr.parse("10.96.0.0/16")),
                    List.of(Cidr.parse("10.244.0.0/16")),
                    List.of("default"));
        }

        @Override
        public void opened(SessionControl control) {}

        @Override
        public DialOutcome mayReach(InetAddress address, int port) {
            return DialOutcome.ESTABLISHED;
        }

        @Override
        public void answer(byte[] query, boolean tcp, Consumer<byte[]> reply) {
            reply.accept(query);
        }

        @Override
        public Optional<String> renew(String token) {
            return Optional.empty();
        }

        @Override
        public Optional<String> remap(MappingRequest wanted) {
            return Optional.empty();
        }

        @Override
        public void closed() {}
    }
}
