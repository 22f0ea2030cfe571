package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;
import tp.tunnel.ClientHello;
import tp.tunnel.ClientSession;
import tp.tunnel.DialOutcome;
import tp.tunnel.DnsListener;
import tp.tunnel.FlowGrace;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionListener;
import tp.tunnel.Welcome;

/** The whole manager, with a fake API server before it and a real client behind it. */
@Timeout(60)
class ManagerTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir private Path directory;
    private FakeCluster cluster;
    private final EventLoopGroup loops = Sockets.best().loops(1);
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws IOException {
        cluster =
                new FakeCluster(directory)
                        .with(
                                "namespaces",
                                FakeCluster.object("default", ""),
                                FakeCluster.object("secret", ""))
                        .with(
                                "pods",
                                FakeCluster.object(
                                        "secret", "p", "\"status\":{\"podIP\":\"10.244.0.7\"}"))
                        .with(
                                "services",
                                FakeCluster.object(
                                        "default",
                                        "a",
                                        "\"spec\":{\"clusterIPs\":[\"10.96.0.1\"]}"),
                                FakeCluster.object(
                                        "kube-system",
                                        "b",
                                        "\"spec\":{\"clusterIPs\":[\"10.96.0.10\"]}"))
                        .with(
                                "nodes",
                                FakeCluster.object(
                                        "node", ",\"spec\":{\"podCIDR\":\"10.244.0.0/24\"}"));
    }

    @AfterEach
    void stop() {
        cluster.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void listensOnlyWhenAllIsReady() throws Exception {
        try (Manager manager = manager()) {
            FutureTask<InetSocketAddress> starting = new FutureTask<>(() -> manager.start("0.1.0"));
            Thread.ofVirtual().start(starting);
            poll(() -> !cluster.stored("secrets/tp-manager-key").isEmpty());
            assertThat(starting.isDone()).isFalse();
            assertThat(cluster.stored("configmaps/tp-manager-info")).isEmpty();

            cluster.listPods();

            assertThat(starting.get().getPort()).isPositive();
            assertThat(cluster.stored("configmaps/tp-manager-info"))
                    .contains("spki-sha256", "uid", "\"version\":\"0.1.0\"");
        }
    }

    @Test
    void aClientIsToldWhatItMayAndGetsNoMore() throws Exception {
        cluster.listPods();
        ClientSession session;
        try (Manager manager = manager()) {
            session = open(manager.start("0.1.0"), token("uid"), "spki-sha256");
            Welcome welcome = session.welcome();
            assertThat(welcome.namespaces()).containsExactly("default");
            // The fake has no servicecidrs: what covers both ClusterIPs.
            assertThat(welcome.serviceSubnets())
                    .containsExactly(Cidr.parse("10.96.0.1/32"), Cidr.parse("10.96.0.10/32"));
            assertThat(welcome.podSubnets()).containsExactly(Cidr.parse("10.244.0.0/24"));

            assertThat(dial(session, "10.244.0.7")).isEqualTo(DialOutcome.PROHIBITED);
            assertThat(dial(session, "127.0.0.1")).isEqualTo(DialOutcome.PROHIBITED);
            assertThat(dial(session, "10.244.0.8")).isEqualTo(DialOutcome.HOST_UNREACHABLE);
            assertThat(rcode(session, "web.secret.svc.cluster.local.")).isEqualTo(Rcode.REFUSED);

            cluster.addNamespace("team-a");
            assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("updated [default, team-a]");
        }
        try (session) {
            assertThat(told.poll(10, TimeUnit.SECONDS)).contains("shutting down");
        }
    }

    @Test
    void aStrangerIsRefused() throws Exception {
        cluster.listPods();
        try (Manager manager = manager()) {
            InetSocketAddress address = manager.start("0.1.0");

            for (String token : List.of("", "x", jwt("tp-manager/other"))) {
                assertThatThrownBy(() -> open(address, token, "spki-sha256"))
                        .isInstanceOf(TpException.class)
                        .hasMessageContaining("token");
            }
            assertThatThrownBy(() -> open(address, token("uid"), "uid"))
                    .isInstanceOf(TpException.class);
        }
    }

    @Test
    void aRestartKeepsKeyAndUid() throws Exception {
        cluster.listPods();
        try (Manager manager = manager()) {
            manager.start("0.1.0");
        }
        String pin = info("spki-sha256");
        String uid = info("uid");
        try (Manager manager = manager()) {
            manager.start("0.2.0");
        }

        assertThat(info("spki-sha256")).isEqualTo(pin);
        assertThat(info("uid")).isEqualTo(uid);
        assertThat(info("version")).isEqualTo("0.2.0");
    }

    @Test
    void withRolesOnlyItAsksForNothingOfTheClusters() throws Exception {
        cluster.listPods();
        Coverage some = new Coverage.Namespaces(List.of("default", "secret"));
        try (Manager manager = manager(some)) {
            InetSocketAddress address = manager.start("0.1.0");
            String audience = "tp-manager/" + info("uid");
            Instant soon = Instant.now().plusSeconds(600);
            String account = "system:serviceaccount:default:tp-client";

            try (ClientSession session =
                    open(address, cluster.issuer().token(account, audience, soon), "spki-sha256")) {
                assertThat(session.welcome().namespaces()).containsExactly("default");
                assertThat(session.welcome().podSubnets())
                        .containsExactly(Cidr.parse("10.244.0.7/32"));
                assertThat(dial(session, "10.244.0.7")).isEqualTo(DialOutcome.PROHIBITED);
                assertThat(dial(session, "10.244.0.8")).isEqualTo(DialOutcome.PROHIBITED);
            }
            assertThatThrownBy(
                            () ->
                                    open(
                                            address,
                                            new FakeIssuer().token(account, audience, soon),
                                            "spki-sha256"))
                    .hasMessageContaining("no key of the API server has signed it");
        }
        assertThat(cluster.asked())
                .contains("/openid/v1/jwks")
                .filteredOn(path -> !path.contains("/namespaces/"))
                .containsOnly("/openid/v1/jwks", "/.well-known/openid-configuration");
    }

    private Manager manager() {
        return manager(new Coverage.WholeCluster());
    }

    private Manager manager(Coverage coverage) {
        return new Manager(
                cluster.pod(),
                new InetSocketAddress(LOOPBACK, 0),
                new PodResolver("cluster.local", List.of()),
                new Manager.Allowance(coverage, External.NONE, FlowGrace.USUAL));
    }

    private String token(String uidKey) {
        return jwt("tp-manager/" + info(uidKey));
    }

    private static String jwt(String audience) {
        return FakeReviews.jwt(audience, Instant.now().plusSeconds(600));
    }

    private String info(String key) {
        return cluster.stored("configmaps/tp-manager-info")
                .replaceAll("(?s).*\"" + key + "\":\"([^\"]+)\".*", "$1");
    }

    private ClientSession open(InetSocketAddress address, String token, String pinKey)
            throws IOException, InterruptedException {
        return ClientSession.open(
                new ByteLink(SocketChannel.open(address)),
                new ClientHello("0.1.0", token, MappingRequest.everything()),
                new ServerPin(info(pinKey)),
                new SessionListener() {
                    @Override
                    public void updated(Welcome welcome) {
                        told.add("updated " + welcome.namespaces());
                    }

                    @Override
                    public void doubtful(String reason) {}

                    @Override
                    public void closed(String reason) {
                        told.add(reason);
                    }
                },
                loops);
    }

    private static DialOutcome dial(ClientSession session, String address)
            throws InterruptedException {
        BlockingQueue<DialOutcome> outcomes = new LinkedBlockingQueue<>();
        session.dial(
                new InetSocketAddress(InetAddress.ofLiteral(address), 80),
                (outcome, flow) -> outcomes.add(outcome));
        return outcomes.take();
    }

    private static int rcode(ClientSession session, String name)
            throws IOException, InterruptedException {
        BlockingQueue<ByteBuffer> answers = new LinkedBlockingQueue<>();
        Message query = Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, 1));
        session.query(
                ByteBuffer.wrap(query.toWire()),
                false,
                new DnsListener() {
                    @Override
                    public void answered(ByteBuffer message) {
                        answers.add(message);
                    }

                    @Override
                    public void failed() {
                        answers.add(ByteBuffer.allocate(0));
                    }
                });
        return new Message(answers.take()).getRcode();
    }

    private static void poll(java.util.function.BooleanSupplier condition)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
