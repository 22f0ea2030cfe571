package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tp.kube.ManagerInfo;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ClusterAccess;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.tunnel.ClientHello;
import tp.tunnel.DialListener;
import tp.tunnel.DnsListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionListener;
import tp.tunnel.SessionStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;
import tp.tunnel.Welcome;

/** The session's state machine among fakes that write down what happens to them. */
class ConnectorTest {

    private final List<String> journal = new CopyOnWriteArrayList<>();
    private final List<FakeSession> sessions = new CopyOnWriteArrayList<>();
    private final FakeCluster cluster = new FakeCluster();
    private List<TransportProvider> transports =
            List.of(new FakeTransport("low", 1, false), new FakeTransport("high", 9, false));
    private volatile Optional<TpException> refusal = Optional.empty();
    private Optional<Connector> made = Optional.empty();

    @AfterEach
    void close() {
        made.ifPresent(Connector::close);
    }

    /** No transport here is made of Netty. */
    private static final EventLoopGroup NO_LOOPS =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    private final class FakeCluster implements Cluster {

        private volatile boolean installed = true;
        private boolean mayInstall = true;
        private volatile String pin = "pin";

        @Override
        public String context() {
            return "context";
        }

        @Override
        public String server() {
            return "https://192.0.2.1";
        }

        @Override
        public String namespace() {
            return "default";
        }

        @Override
        public boolean lacksNamespace(String name) {
            return name.startsWith("no-");
        }

        @Override
        public Optional<ManagerInfo> manager() {
            return installed
                    ? Optional.of(
                            new ManagerInfo(
                                    new ServerPin(pin),
                                    "uid",
                                    "0.1",
                                    new ManagerLocation("tp-system", "p", 8443),
                                    List.of()))
                    : Optional.empty();
        }

        @Override
        public void installManager(Consumer<String> progress) {
            if (!mayInstall) {
                throw TpException.environment("you may not install it", "ask");
            }
            progress.accept("installing");
            installed = true;
        }

        @Override
        public String clientToken(ManagerInfo manager) {
            return "token-" + manager.pin().spkiSha256();
        }

        @Override
        public ClusterAccess access() {
            return (namespace, pod, port) -> {
                throw new IOException("not used");
            };
        }

        @Override
        public void close() {
            journal.add("cluster closed");
        }
    }

    private record FakeTransport(String id, int score, boolean fails) implements TransportProvider {
        @Override
        public Assessment assess(TransportContext context) {
            return new Assessment.Usable(score, "fits");
        }

        @Override
        public Transport create(TransportContext context) {
            boolean refuses = fails;
            return new Transport() {
                @Override
                public Link open() throws IOException {
                    if (refuses) {
                        throw new IOException("no way");
                    }
                    return new ByteLink(new NoChannel());
                }

                @Override
                public void close() {}
            };
        }
    }

    private static final class NoChannel implements ByteChannel {
        @Override
        public int read(ByteBuffer target) {
            return -1;
        }

        @Override
        public int write(ByteBuffer source) {
            return 0;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private final class FakeSession implements ManagerSession {

        private final ClientHello hello;
        private final SessionListener listener;

        FakeSession(ClientHello hello, ServerPin pin, SessionListener listener) {
            this.hello = hello;
            this.listener = listener;
            journal.add("session with " + pin.spkiSha256() + " " + hello.token());
        }

        @Override
        public Welcome welcome() {
            return new Welcome(
                    "0123456789abcdef",
                    1,
                    "0.1",
                    new Welcome.Zone("cluster.local", List.of()),
                    List.of(),
                    List.of(),
                    List.of("default"));
        }

        @Override
        public TcpFlow dial(InetSocketAddress target, DialListener l) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UdpFlow openUdp(InetSocketAddress target, UdpListener l) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void query(ByteBuffer message, boolean tcp, DnsListener l) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void renew(String token) {
            journal.add("renewed");
        }

        @Override
        public SessionStatistics statistics() {
            return new SessionStatistics(0, 0, 0, 0, 0);
        }

        @Override
        public void close() {
            journal.add("session closed");
        }
    }

    private static final class Namespaces implements NamespaceProvider {
        @Override
        public String id() {
            return "fake";
        }

        @Override
        public Assessment assess(NamespaceRequest request) {
            return new Assessment.Usable(1, "");
        }

        @Override
        public NamespaceMapping map(NamespaceRequest request) {
            if (request.mapped().isEmpty()) {
                return new NamespaceMapping.All();
            }
            java.util.TreeMap<String, String> names = new java.util.TreeMap<>();
            request.mapped().forEach(name -> names.put(name, name));
            return new NamespaceMapping.Listed(names);
        }
    }

    private ManagerSession open(ClientHello hello, ServerPin pin, SessionListener listener) {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        FakeSession session = new FakeSession(hello, pin, listener);
        sessions.add(session);
        return session;
    }

    private Connector connector(Optional<String> namespace, List<String> mapped) {
        return connector(namespace, mapped, Optional.empty());
    }

    private Connector connector(
            Optional<String> namespace, List<String> mapped, Optional<String> transport) {
        Providers providers =
                new Providers(
                        new Point<>(
                                "transport",
                                transports.stream().map(t -> new Found<>(t, "m", "1")).toList(),
                                List.of()),
                        new Point<>("dns", List.of(), List.of()),
                        new Point<>(
                                "namespace",
                                List.of(new Found<NamespaceProvider>(new Namespaces(), "m", "1")),
                                List.of()),
                        List.of());
        Connector connector =
                new Connector(
                        () -> cluster,
                        (link, hello, pin, listener) -> open(hello, pin, listener),
                        providers,
                        new ConnectorSettings(namespace, mapped, transport, List.of(), "0.1"),
                        NO_LOOPS,
                        new ConnectorEvents() {
                            @Override
                            public void granted(Welcome welcome) {
                                journal.add("granted");
                            }

                            @Override
                            public void lost(String reason) {
                                journal.add("lost " + reason);
                            }
                        });
        made = Optional.of(connector);
        return connector;
    }

    private Connector connected() {
        Connector connector = connector(Optional.empty(), List.of());
        connector.connect(line -> {});
        return connector;
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void theBestTransportIsTaken() {
        assertThat(connected().link().transport()).isEqualTo("high");
        assertThat(journal).containsExactly("session with pin token-pin");
    }

    @Test
    void whereTheBestFailsTheNextIsTried() {
        transports =
                List.of(new FakeTransport("low", 1, false), new FakeTransport("high", 9, true));
        assertThat(connected().link().transport()).isEqualTo("low");
    }

    @Test
    void whereAllFailTheLineNamesEach() {
        transports = List.of(new FakeTransport("low", 1, true), new FakeTransport("high", 9, true));
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(this::connected)
                .withMessage("the manager cannot be reached (high: no way, low: no way)");
    }

    @Test
    void oneThatTheUserNamedHasNoFallback() {
        transports =
                List.of(new FakeTransport("low", 1, false), new FakeTransport("high", 9, true));
        Connector connector = connector(Optional.empty(), List.of(), Optional.of("high"));
        assertThatExceptionOfType(TpException.class).isThrownBy(() -> connector.connect(l -> {}));
    }

    @Test
    void aRefusalOverOneTransportIsNotAskedAgainOverAnother() {
        refusal = Optional.of(TpException.environment("another key", "look"));
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(this::connected)
                .withMessage("another key");
    }

    @Test
    void aMissingManagerIsInstalledIfTheUserMay() {
        cluster.installed = false;
        List<String> lines = new CopyOnWriteArrayList<>();
        connector(Optional.empty(), List.of()).connect(lines::add);
        assertThat(lines)
                .containsExactly(
                        "Reaching the cluster ...",
                        "Looking for the manager in context context ...",
                        "installing",
                        "Connecting to the manager 0.1 ...");
        cluster.installed = false;
        cluster.mayInstall = false;
        Connector second = connector(Optional.empty(), List.of());
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> second.connect(line -> {}))
                .withMessageContaining("you may not install it");
    }

    @Test
    void namespacesThatTheClusterLacksAreKnownOnceConnected() {
        Connector listed = connector(Optional.empty(), List.of("no-b", "default", "no-a"));
        listed.connect(line -> {});
        assertThat(listed.named().all()).containsExactly("default", "no-a", "no-b");
        assertThat(listed.named().missing()).containsExactly("no-a", "no-b");

        Connector own = connector(Optional.of("no-c"), List.of());
        own.connect(line -> {});
        assertThat(own.named()).isEqualTo(new NamedNamespaces(Set.of("no-c"), Set.of("no-c")));
    }

    @Test
    void whatIsMappedIsWhatIsAskedFor() {
        Connector connector = connector(Optional.of("team-a"), List.of("default", "team-a"));
        connector.connect(line -> {});
        assertThat(sessions.getFirst().hello.mapping())
                .isEqualTo(MappingRequest.of(List.of("default", "team-a")));
        assertThat(connector.namespace()).isEqualTo("team-a");
    }

    @Test
    void namesThatCannotBeAreWrongUsageBeforeAnythingHappens() {
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> connector(Optional.of("Bad_Name"), List.of()))
                .matches(e -> e.category() == TpException.Category.USAGE);
        Connector unmapped = connector(Optional.of("other"), List.of("default"));
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> unmapped.connect(line -> {}))
                .matches(e -> e.category() == TpException.Category.USAGE);
        assertThat(journal).isEmpty();
    }

    @Test
    void aLostLinkIsReplacedByOneToTheManagerAsItIsThen() throws InterruptedException {
        Connector connector = connected();
        cluster.pin = "new";
        sessions.getFirst().listener.closed("wi-fi");
        until(() -> sessions.size() == 2);
        assertThat(connector.await(TimeUnit.SECONDS.toNanos(5))).contains(sessions.get(1));
        until(() -> journal.contains("granted"));
        assertThat(journal)
                .containsExactly(
                        "session with pin token-pin",
                        "session closed",
                        "lost wi-fi",
                        "session with new token-new",
                        "granted");
        assertThat(connector.link().reconnects()).isOne();
        assertThat(connector.link().lastError()).contains("wi-fi");
    }

    @Test
    void aManagerThatIsAwayIsSoughtUntilItIsBack() throws InterruptedException {
        Connector connector = connected();
        cluster.installed = false;
        sessions.getFirst().listener.closed("killed");
        until(
                () ->
                        connector
                                .link()
                                .lastError()
                                .equals(Optional.of("the manager is gone from the cluster")));
        assertThat(connector.session()).isEmpty();
        assertThat(connector.await(1)).isEmpty();
        cluster.installed = true;
        assertThat(connector.await(TimeUnit.SECONDS.toNanos(10))).isPresent();
    }

    @Test
    void theEndOfAnOldSessionDoesNotTouchTheNew() throws InterruptedException {
        Connector connector = connected();
        sessions.getFirst().listener.closed("once");
        until(() -> sessions.size() == 2);
        sessions.getFirst().listener.closed("twice");
        assertThat(connector.await(TimeUnit.SECONDS.toNanos(5))).contains(sessions.get(1));
        until(() -> journal.contains("granted"));
        assertThat(sessions).hasSize(2);
    }

    @Test
    void closingEndsTheSessionAndTheSearch() throws InterruptedException {
        Connector connector = connected();
        connector.close();
        connector.close();
        sessions.getFirst().listener.closed("closed by us");
        assertThat(connector.await(TimeUnit.SECONDS.toNanos(5))).isEmpty();
        assertThat(journal)
                .containsExactly("session with pin token-pin", "session closed", "cluster closed");
    }
}
