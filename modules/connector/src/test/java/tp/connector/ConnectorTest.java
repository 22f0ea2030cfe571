package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.TpException;
import tp.tunnel.MappingRequest;

/** The session's state machine. */
class ConnectorTest extends FakeSurroundings {

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
        connector.reach(line -> {});
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
        Connector first = connector(Optional.empty(), List.of());
        first.reach(lines::add);
        first.connect(lines::add);
        assertThat(lines)
                .containsExactly(
                        "Reaching the cluster ...",
                        "Looking for the manager in context context ...",
                        "installing",
                        "Connecting to the manager 0.1 ...");
        cluster.installed = false;
        cluster.mayInstall = false;
        Connector second = connector(Optional.empty(), List.of());
        second.reach(line -> {});
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> second.connect(line -> {}))
                .withMessageContaining("you may not install it");
    }

    @ParameterizedTest
    @CsvSource({"0.2, true", "0.1.9-SNAPSHOT, true", "0.3, false", "1.0, false", "'', false"})
    void aManagerThatIsTooFarFromThisVersionIsRefused(String version, boolean works) {
        cluster.version = version;
        Connector connector = connector(Optional.empty(), List.of());
        connector.reach(line -> {});
        if (works) {
            connector.connect(line -> {});
            assertThat(connector.link().up()).isTrue();
        } else {
            assertThatExceptionOfType(TpException.class)
                    .isThrownBy(() -> connector.connect(line -> {}))
                    .withMessageContaining("this tp is 0.1")
                    .extracting(TpException::nextStep)
                    .asString()
                    .contains("tp install");
        }
    }

    @Test
    void namespacesThatTheClusterLacksAreKnownOnceConnected() {
        Connector listed = connector(Optional.empty(), List.of("no-b", "default", "no-a"));
        listed.reach(line -> {});
        listed.connect(line -> {});
        assertThat(listed.named().all()).containsExactly("default", "no-a", "no-b");
        assertThat(listed.named().missing()).containsExactly("no-a", "no-b");

        Connector own = connector(Optional.of("no-c"), List.of());
        own.reach(line -> {});
        own.connect(line -> {});
        assertThat(own.named()).isEqualTo(new NamedNamespaces(Set.of("no-c"), Set.of("no-c")));
    }

    @Test
    void whatIsMappedIsWhatIsAskedFor() {
        Connector connector = connector(Optional.of("team-a"), List.of("default", "team-a"));
        connector.reach(line -> {});
        connector.connect(line -> {});
        assertThat(sessions.getFirst().hello.mapping())
                .isEqualTo(MappingRequest.of(List.of("default", "team-a")));
        assertThat(connector.scope().namespace()).contains("team-a");
    }

    @Test
    void namesThatCannotBeAreWrongUsageBeforeAnythingHappens() {
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> connector(Optional.of("Bad_Name"), List.of()))
                .matches(e -> e.category() == TpException.Category.USAGE);
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> connector(Optional.of("other"), List.of("default")))
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
        assertThat(connector.await(connector.session(), 1)).as("the lost one").isEmpty();
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
