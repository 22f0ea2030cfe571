package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import tp.kube.ClusterTable;
import tp.kube.ClusterWatch;
import tp.kube.ManagerInfo;
import tp.kube.PodForward;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;
import tp.spi.transport.ByteLink;
import tp.spi.transport.ClusterAccess;
import tp.spi.transport.Endpoint;
import tp.spi.transport.Link;
import tp.spi.transport.ManagerLocation;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.spi.transport.WrongKeyException;
import tp.tunnel.ClientHello;
import tp.tunnel.DialListener;
import tp.tunnel.DnsListener;
import tp.tunnel.EchoListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionListener;
import tp.tunnel.SessionStatistics;
import tp.tunnel.TcpFlow;
import tp.tunnel.UdpFlow;
import tp.tunnel.UdpListener;
import tp.tunnel.Welcome;

/** Fakes around a connector, which write down what happens to them. */
abstract class FakeSurroundings {

    final List<String> journal = new CopyOnWriteArrayList<>();
    final List<FakeSession> sessions = new CopyOnWriteArrayList<>();
    final FakeCluster cluster = new FakeCluster();
    List<TransportProvider> transports =
            List.of(new FakeTransport("low", 1, false), new FakeTransport("high", 9, false));
    volatile Optional<TpException> refusal = Optional.empty();
    final Set<String> silent = ConcurrentHashMap.newKeySet();
    List<Endpoint> endpoints = List.of();
    NetworkMemory memory = NetworkMemory.none();
    Optional<Connector> made = Optional.empty();

    @AfterEach
    void close() {
        made.ifPresent(Connector::close);
    }

    /** No transport here is made of Netty. */
    private static final EventLoopGroup NO_LOOPS = Sockets.best().loops(1);

    final class FakeCluster implements Cluster {

        volatile boolean installed = true;
        volatile String version = "0.1";
        boolean mayInstall = true;
        volatile String pin = "pin";

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
                                    version,
                                    new ManagerLocation("tp-system", "p", 8443),
                                    List.of()))
                    : Optional.empty();
        }

        @Override
        public Optional<ManagerInfo> manager(Consumer<String> progress) {
            return manager();
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
        public Watch watch(Collection<String> namespaces, ClusterWatch.Listener listener) {
            throw new IllegalStateException("not used");
        }

        @Override
        public Optional<String> missingToForward(Collection<String> namespaces) {
            throw new IllegalStateException("not used");
        }

        @Override
        public PodForward forward(ClusterTable.ObjectName pod, ScheduledExecutorService loop) {
            throw new IllegalStateException("not used");
        }

        @Override
        public ClusterAccess access() {
            return new ClusterAccess() {
                @Override
                public ByteChannel portForward(String namespace, String pod, int port)
                        throws IOException {
                    throw new IOException("not used");
                }

                @Override
                public ByteChannel webSocket(String path, String subprotocol) throws IOException {
                    throw new IOException("not used");
                }
            };
        }

        @Override
        public void close() {
            journal.add("cluster closed");
        }
    }

    /** A plug-in that does a thing that none should do. */
    record Bad(String id, Fault fault) implements TransportProvider {

        enum Fault {
            THROWS_IN_ASSESS,
            THROWS_IN_CREATE,
            THROWS_IN_OPEN,
            NEEDS_ANOTHER_VERSION,
            HAS_ANOTHER_KEY,
            NEVER_RETURNS
        }

        private void on(Fault point) {
            if (fault == point) {
                throw new IllegalStateException("oops");
            }
        }

        @Override
        public Assessment assess(TransportContext context) {
            on(Fault.THROWS_IN_ASSESS);
            return new Assessment.Usable(90, "fits");
        }

        @Override
        public Transport create(TransportContext context) {
            on(Fault.THROWS_IN_CREATE);
            return new Transport() {
                @Override
                public Link open() throws IOException {
                    on(Fault.THROWS_IN_OPEN);
                    switch (fault) {
                        case NEEDS_ANOTHER_VERSION -> throw new NoSuchMethodError("gone");
                        case HAS_ANOTHER_KEY -> throw wrongKey();
                        case NEVER_RETURNS -> never();
                        case THROWS_IN_ASSESS, THROWS_IN_CREATE, THROWS_IN_OPEN -> {}
                    }
                    throw new IOException("not reached");
                }

                @Override
                public void close() {
                    throw new IllegalStateException("nor can it close");
                }
            };
        }

        private static IOException wrongKey() {
            return new IOException("tls", new WrongKeyException());
        }

        private static void never() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    record FakeTransport(String id, int score, boolean fails) implements TransportProvider {
        @Override
        public Assessment assess(TransportContext context) {
            return new Assessment.Usable(score, "fits");
        }

        @Override
        public Set<String> schemes() {
            return Set.of(id);
        }

        @Override
        public Transport create(TransportContext context) {
            boolean refuses = fails;
            String name = id;
            return new Transport() {
                @Override
                public Link open() throws IOException {
                    if (refuses) {
                        throw new IOException("no way");
                    }
                    return new ByteLink(new NoChannel(name));
                }

                @Override
                public void close() {}
            };
        }
    }

    /** Knows whose it is. */
    record NoChannel(String transport) implements ByteChannel {
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

    final class FakeSession implements ClusterSession {

        final ClientHello hello;
        final SessionListener listener;

        final String transport;
        volatile int flows;
        volatile boolean closed;
        volatile MappingRequest mapping;
        volatile boolean deaf;

        /** What happens before another mapping is answered. */
        volatile Runnable whileAsked = () -> {};

        FakeSession(Link link, ClientHello hello, ServerPin pin, SessionListener listener) {
            transport =
                    link instanceof ByteLink bytes && bytes.bytes() instanceof NoChannel of
                            ? of.transport()
                            : "?";
            this.hello = hello;
            mapping = hello.mapping();
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
        public UdpFlow openEcho(InetAddress target, EchoListener l) {
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
        public void prove(Duration limit) throws IOException {
            if (silent.contains(transport)) {
                throw new IOException("no heartbeat");
            }
        }

        @Override
        public void renew(String token) {
            journal.add("renewed");
        }

        @Override
        public Welcome remap(MappingRequest wanted, Duration limit) throws IOException {
            whileAsked.run();
            if (deaf || silent.contains(transport)) {
                throw new IOException("no answer");
            }
            if (wanted.names().contains("forbidden")) {
                throw TpException.environment("the manager refused it", "ask");
            }
            mapping = wanted;
            journal.add("remapped");
            return welcome();
        }

        @Override
        public void carry() {}

        @Override
        public void leave() {}

        @Override
        public SessionStatistics statistics() {
            return new SessionStatistics(0, 0, 0, flows, 0);
        }

        @Override
        public void close() {
            closed = true;
            journal.add("session closed");
        }
    }

    static final class Namespaces implements NamespaceProvider {
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

    ClusterSession open(Link link, ClientHello hello, ServerPin pin, SessionListener listener) {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        FakeSession session = new FakeSession(link, hello, pin, listener);
        sessions.add(session);
        return session;
    }

    Connector connector(Optional<String> namespace, List<String> mapped) {
        return connector(namespace, mapped, Optional.empty());
    }

    Connector connector(
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
                        this::open,
                        new ConnectorSettings(namespace, mapped, transport, endpoints, "0.1"),
                        new Connector.Surroundings(providers, memory, events(), NO_LOOPS),
                        new Pace(
                                Duration.ofMillis(50),
                                Duration.ofMillis(200),
                                Duration.ofSeconds(2),
                                Duration.ofMillis(20),
                                Duration.ofMillis(100)),
                        Optional.empty());
        made = Optional.of(connector);
        return connector;
    }

    ConnectorEvents events() {
        return new ConnectorEvents() {
            @Override
            public void granted(Welcome welcome) {
                journal.add("granted");
            }

            @Override
            public void lost(String reason) {
                journal.add("lost " + reason);
            }
        };
    }

    Connector connected() {
        Connector connector = connector(Optional.empty(), List.of());
        connector.reach(line -> {});
        connector.connect(line -> {});
        return connector;
    }

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
