package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tp.kube.ClusterTable;
import tp.kube.ClusterTable.ObjectName;
import tp.kube.ClusterTable.ServicePort;
import tp.kube.ClusterWatch;
import tp.kube.ManagerInfo;
import tp.kube.PodForward;
import tp.spi.common.TpException;
import tp.spi.transport.ClusterAccess;
import tp.tunnel.DialOutcome;
import tp.tunnel.DnsListener;
import tp.tunnel.MappingRequest;
import tp.tunnel.Welcome;

/** A session without a manager, as the API server's answers come and go. */
@Timeout(30)
class ApiLinkTest {

    private static final InetAddress WEB = InetAddress.ofLiteral("10.96.0.1");

    private long nowNs;
    private Runnable whileBuilding = () -> {};
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final List<String> journal = new ArrayList<>();
    private final FakeCluster cluster = new FakeCluster();
    private final ApiLink link =
            new ApiLink(
                    new ApiLink.Parts(
                            cluster,
                            new ConnectorEvents() {
                                @Override
                                public void granted(Welcome welcome) {
                                    journal.add("granted " + welcome.serviceSubnets());
                                }

                                @Override
                                public void lost(String reason) {
                                    journal.add("lost: " + reason);
                                }
                            },
                            (domain, table, namespaces) -> {
                                whileBuilding.run();
                                return query -> Optional.of(new byte[12]);
                            },
                            loop.eventLoop(),
                            () -> nowNs));

    @AfterEach
    void stop() {
        link.close();
        loop.finishAndReleaseAll();
    }

    /** What each watch tells at its beginning, and the pods whose ports were forwarded. */
    private final class FakeCluster implements Cluster {
        private final List<ClusterWatch.Listener> watches = new ArrayList<>();
        private final List<FakeForward> forwards = new ArrayList<>();
        private int closedWatches;
        private boolean away;
        private Optional<String> missing = Optional.empty();
        private Consumer<ClusterWatch.Listener> beginning = listener -> {};

        @Override
        public Watch watch(Collection<String> namespaces, ClusterWatch.Listener listener) {
            watches.add(listener);
            beginning.accept(listener);
            return new Watch() {
                private long heardAtNs = nowNs;
                private boolean closed;

                @Override
                public long roundTripNs() {
                    return 5;
                }

                // Of one that is closed it stands still.
                @Override
                public long heardAtNs() {
                    heardAtNs = away || closed ? heardAtNs : nowNs;
                    return heardAtNs;
                }

                @Override
                public void close() {
                    closed = true;
                    closedWatches++;
                }
            };
        }

        @Override
        public Optional<String> missingToForward(Collection<String> namespaces) {
            return missing;
        }

        @Override
        public PodForward forward(ObjectName pod, ScheduledExecutorService executor) {
            forwards.add(new FakeForward(pod.name()));
            return forwards.getLast();
        }

        @Override
        public String context() {
            return "c";
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
            throw new IllegalStateException("needs a right that nobody has to have");
        }

        @Override
        public Optional<ManagerInfo> manager() {
            throw new IllegalStateException("there is none");
        }

        @Override
        public Optional<ManagerInfo> manager(Consumer<String> progress) {
            return manager();
        }

        @Override
        public void installManager(Consumer<String> progress) {
            manager();
        }

        @Override
        public String clientToken(ManagerInfo manager) {
            throw new IllegalStateException("there is nobody to show it to");
        }

        @Override
        public ClusterAccess access() {
            throw new IllegalStateException("not used");
        }

        @Override
        public void close() {}
    }

    private static ClusterTable table(String... pods) {
        List<ClusterTable.Pod> all =
                List.of(pods).stream()
                        .map(
                                name ->
                                        new ClusterTable.Pod(
                                                new ObjectName("default", name), name, List.of()))
                        .toList();
        return new ClusterTable(
                List.of(
                        new ClusterTable.Service(
                                new ObjectName("default", "web"),
                                List.of(WEB),
                                Optional.empty(),
                                false,
                                List.of(new ServicePort("", "TCP", 80)))),
                List.of(
                        new ClusterTable.Slice(
                                new ObjectName("default", "web"),
                                List.of(new ServicePort("", "TCP", 8080)),
                                all.stream()
                                        .map(
                                                pod ->
                                                        new ClusterTable.Endpoint(
                                                                List.of(),
                                                                true,
                                                                "",
                                                                Optional.of(pod.name())))
                                        .toList())),
                all);
    }

    private static TpException away() {
        return new TpException(TpException.Category.TRANSIENT, "the API is away", "");
    }

    private Welcome open(String... pods) {
        cluster.beginning = listener -> listener.changed(table(pods));
        return link.open(MappingRequest.of(List.of("default")));
    }

    private List<DialOutcome> dial() {
        List<DialOutcome> outcomes = new ArrayList<>();
        link.session()
                .orElseThrow()
                .dial(new InetSocketAddress(WEB, 80), (outcome, flow) -> outcomes.add(outcome));
        loop.runPendingTasks();
        return outcomes;
    }

    @Test
    void itOpensWithTheFirstTable() {
        Welcome welcome = open("a");

        assertThat(welcome.namespaces()).containsExactly("default");
        assertThat(welcome.serviceSubnets()).hasToString("[10.96.0.1/32]");
        assertThat(link.state().up()).isTrue();
        assertThat(link.state().transport()).isEqualTo("agentless");
        assertThat(journal).isEmpty();
    }

    @Test
    void aRightThatIsMissingIsToldWithTheRole() {
        cluster.beginning =
                listener ->
                        listener.lost(
                                new TpException(
                                        TpException.Category.ENVIRONMENT,
                                        "not allowed to list and watch the pods",
                                        "ask"));

        assertThatThrownBy(() -> link.open(MappingRequest.of(List.of("default"))))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e ->
                                assertThat(e.line())
                                        .startsWith("not allowed to list and watch the pods")
                                        .contains("--print-rbac --for agentless"));
        assertThat(cluster.closedWatches).isEqualTo(1);
    }

    @Test
    void whoMayOnlyLookIsToldSo() {
        cluster.beginning = listener -> listener.changed(table("a"));
        cluster.missing = Optional.of("get on pods/portforward in default");

        assertThatThrownBy(() -> link.open(MappingRequest.of(List.of("default"))))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e ->
                                assertThat(e.line())
                                        .contains(
                                                "get on pods/portforward in default is missing",
                                                "--print-rbac --for agentless"));
        assertThat(cluster.closedWatches).isEqualTo(1);
        assertThat(link.session()).isEmpty();
    }

    /** Between its first table and its being used. */
    @Test
    void aWatchThatIsLostBeforeItCountsIsLost() {
        cluster.beginning =
                listener -> {
                    listener.changed(table("a"));
                    listener.lost(
                            new TpException(TpException.Category.TRANSIENT, "no answer", "wait"));
                };

        link.open(MappingRequest.of(List.of("default")));

        assertThat(link.session()).isEmpty();
        assertThat(link.state().up()).isFalse();
        cluster.watches.getFirst().changed(table("a"));
        assertThat(link.session()).isPresent();
    }

    @Test
    void namespacesHaveToBeNamed() {
        assertThatThrownBy(() -> link.open(MappingRequest.everything()))
                .hasMessageContaining("have to be named");
    }

    @Test
    void manyFlowsToAPodShareOneWayAndEndpointsTakeTurns() {
        open("a", "b");
        for (int i = 0; i < 6; i++) {
            dial();
        }

        assertThat(cluster.forwards).extracting(one -> one.pod).containsExactly("a", "b");
        assertThat(cluster.forwards)
                .allSatisfy(one -> assertThat(one.ports).containsExactly(8080, 8080, 8080));
    }

    @Test
    void besideASlowReaderANewFlowTakesAnotherWay() {
        open("a");
        dial();
        cluster.forwards.getFirst().clogged = true;
        dial();

        assertThat(cluster.forwards).hasSize(2);
    }

    @Test
    void whereAPodIsGoneTheSameDialGoesToTheNext() {
        open("a", "b");
        List<DialOutcome> outcomes = dial();
        cluster.forwards.getFirst().fail(PodForward.Failure.NO_SUCH_POD);
        cluster.forwards.getLast().events.getFirst().established();

        assertThat(cluster.forwards).extracting(one -> one.pod).containsExactly("a", "b");
        assertThat(outcomes).containsExactly(DialOutcome.ESTABLISHED);
    }

    @Test
    void whatThePodItselfRefusesIsRefused() {
        open("a", "b");
        List<DialOutcome> outcomes = dial();
        cluster.forwards.getFirst().events.getFirst().failed(PodForward.Failure.REFUSED, "refused");

        assertThat(outcomes).containsExactly(DialOutcome.REFUSED);
        assertThat(cluster.forwards).hasSize(1);
        assertThat(link.state().openFlows()).isZero();
        assertThat(link.state().direct().orElseThrow().refused())
                .containsExactly("tcp 10.96.0.1:80: refused");
    }

    @Test
    void aPodThatTheTableNoLongerHasIsLeft() {
        open("a", "b");
        dial();
        cluster.watches.getFirst().changed(table("b"));
        loop.runPendingTasks();

        assertThat(cluster.forwards.getFirst().open).isFalse();
        assertThat(cluster.forwards.getLast().pod).as("its dial went on").isEqualTo("b");
        assertThat(journal).as("no address has changed").isEmpty();
    }

    @Test
    void whileTheApiIsAwayThereIsNoSessionAndItComesBack() throws InterruptedException {
        open("a");
        List<DialOutcome> outcomes = dial();
        cluster.watches.getFirst().lost(away());
        cluster.watches.getFirst().lost(away());
        loop.runPendingTasks();

        assertThat(outcomes).containsExactly(DialOutcome.TUNNEL_DOWN);
        assertThat(link.session()).isEmpty();
        assertThat(link.await(Optional.empty(), 1)).isEmpty();
        assertThat(link.state().lastError()).contains("the API is away");
        cluster.watches.getFirst().changed(table("a"));
        assertThat(link.await(Optional.empty(), 1)).isPresent();
        assertThat(link.state().reconnects()).isEqualTo(1);
        assertThat(link.state().lastError()).isEmpty();
        assertThat(journal).containsExactly("lost: the API is away", "granted [10.96.0.1/32]");
    }

    @Test
    void namesFailAsSoonAsTheApiIsSilent() {
        open("a");
        assertThat(asked()).containsExactly("answered");
        cluster.away = true;
        nowNs += TimeUnit.SECONDS.toNanos(7) - 1;
        assertThat(asked()).containsExactly("answered");
        nowNs++;
        assertThat(asked()).containsExactly("failed");
    }

    @Test
    void afterAnotherMappingTheNewWatchSaysWhetherTheApiIsHeard() {
        open("a");
        cluster.beginning = listener -> listener.changed(ClusterTable.EMPTY);
        link.remap(MappingRequest.of(List.of("other")));
        nowNs += TimeUnit.SECONDS.toNanos(60);

        assertThat(asked()).containsExactly("answered");
    }

    /** Of many Services and pods that takes a while. */
    @Test
    void whoeverDialsDoesNotWaitForAViewThatIsBuilt() {
        open("a");
        List<Optional<ClusterSession>> seen = new ArrayList<>();
        whileBuilding =
                () ->
                        seen.add(
                                CompletableFuture.supplyAsync(link::session)
                                        .orTimeout(10, TimeUnit.SECONDS)
                                        .join());
        cluster.watches.getFirst().changed(table("a", "b"));

        assertThat(seen).containsExactly(link.session());
    }

    @Test
    void whatIsClosedWhileItOpensSaysSo() {
        whileBuilding = link::close;

        assertThatThrownBy(() -> open("a"))
                .isInstanceOf(TpException.class)
                .hasMessage("the attempt was ended");
        assertThat(link.session()).isEmpty();
    }

    private List<String> asked() {
        List<String> heard = new ArrayList<>();
        link.session()
                .orElseThrow()
                .query(
                        ByteBuffer.allocate(12),
                        false,
                        new DnsListener() {
                            @Override
                            public void answered(ByteBuffer message) {
                                heard.add("answered");
                            }

                            @Override
                            public void failed() {
                                heard.add("failed");
                            }
                        });
        loop.runPendingTasks();
        return heard;
    }

    @Test
    void anotherMappingFollowsOtherNamespacesAndOneThatFailsChangesNothing() {
        open("a");
        cluster.beginning = listener -> listener.lost(away());
        assertThatThrownBy(() -> link.remap(MappingRequest.of(List.of("secret"))))
                .hasMessageContaining("the API is away");
        assertThat(link.session().orElseThrow().welcome().namespaces()).containsExactly("default");

        cluster.beginning = listener -> listener.changed(ClusterTable.EMPTY);
        assertThat(link.remap(MappingRequest.of(List.of("other"))).namespaces())
                .containsExactly("other");
        cluster.watches.getFirst().changed(table("a"));
        assertThat(link.session().orElseThrow().welcome().namespaces()).containsExactly("other");
        assertThat(cluster.closedWatches).isEqualTo(2);
    }
}
