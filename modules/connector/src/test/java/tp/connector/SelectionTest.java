package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.TpException;
import tp.spi.transport.Endpoint;
import tp.spi.transport.WrongKeyException;

/** Which transport is taken, and left for another. */
class SelectionTest extends FakeSurroundings {

    @ParameterizedTest
    @CsvSource({
        "THROWS_IN_ASSESS, unusable, broken: java.lang.IllegalStateException: oops",
        "THROWS_IN_CREATE, failed, broken: java.lang.IllegalStateException: oops",
        "THROWS_IN_OPEN, failed, broken: java.lang.IllegalStateException: oops",
        "NEEDS_ANOTHER_VERSION, failed, java.lang.NoSuchMethodError: gone",
        "HAS_ANOTHER_KEY, failed, the manager's key is not the one in ConfigMap tp-manager-info",
        "NEVER_RETURNS, untried, fits",
    })
    void aPlugInThatIsBrokenIsAReasonAndAutoGoesOn(Bad.Fault fault, String verdict, String reason) {
        transports = List.of(new Bad("bad", fault), new FakeTransport("good", 1, false));
        Connector connector = connected();
        assertThat(connector.link().transport()).isEqualTo("good");
        assertThat(connector.link().transports())
                .anySatisfy(
                        one -> {
                            assertThat(one.id()).isEqualTo("bad");
                            assertThat(one.verdict()).isEqualTo(verdict);
                            assertThat(one.reason()).startsWith(reason);
                        });
    }

    @Test
    void whereNoHeartbeatComesBackTheNextIsTried() {
        silent.add("high");
        Connector connector = connected();
        assertThat(connector.link().transport()).isEqualTo("low");
        assertThat(connector.link().transports())
                .extracting(TransportState::id, TransportState::verdict)
                .containsExactly(tuple("high", "failed"), tuple("low", "in use"));
        assertThat(journal).contains("session closed");
    }

    @Test
    void aBetterOneThatWorksAgainIsTakenAndTheOldOneStaysUntilItsFlowsHaveEnded() {
        silent.add("high");
        Connector connector = connected();
        FakeSession old = (FakeSession) connector.session().orElseThrow();
        old.flows = 1;
        silent.clear();
        until(() -> connector.link().transport().equals("high"));
        until(() -> journal.contains("granted"));
        assertThat(connector.link().openFlows()).isOne();
        assertThat(old.closed).isFalse();
        old.flows = 0;
        until(() -> old.closed);
        assertThat(connector.link().reconnects()).isZero();
        assertThat(journal).doesNotContain("lost");
    }

    @Test
    void theTransportThatWasLostIsNotTheFirstToBeTriedAgain() {
        Connector connector = connected();
        assertThat(connector.link().transport()).isEqualTo("high");
        silent.add("high");
        sessions.getFirst().listener.closed("UDP is blocked");
        until(() -> connector.link().up() && connector.link().transport().equals("low"));
        assertThat(connector.link().transports().getFirst().reason())
                .startsWith("UDP is blocked (not tried again for");
    }

    @Test
    void aLinkInDoubtIsLeftForAnotherAndItsFlowsMayStillComeBack() {
        Connector connector = connected();
        FakeSession old = sessions.getFirst();
        old.flows = 1;
        silent.add("high");
        old.listener.doubtful("no heartbeat");
        until(() -> connector.link().transport().equals("low"));
        assertThat(connector.link().up()).isTrue();
        assertThat(connector.link().openFlows()).isOne();
        assertThat(old.closed).isFalse();
        assertThat(connector.link().transports().getFirst().reason()).startsWith("no heartbeat");
        old.listener.closed("given up");
        until(() -> old.closed);
        assertThat(connector.link().transport()).isEqualTo("low");
    }

    @Test
    void whatWorkedInThisNetworkIsTriedFirst() {
        List<NetworkMemory.Way> learnt = new CopyOnWriteArrayList<>();
        memory =
                new NetworkMemory() {
                    @Override
                    public Optional<Way> recall(String managerUid) {
                        return Optional.of(new Way("low", Optional.empty()));
                    }

                    @Override
                    public void worked(String managerUid, Way way) {
                        learnt.add(way);
                    }
                };
        connected();
        assertThat(sessions.getFirst().transport).isEqualTo("low");
        until(() -> learnt.size() == 2);
        assertThat(learnt).extracting(NetworkMemory.Way::transport).containsExactly("low", "high");
    }

    @Test
    void anAddressThatTheUserGaveComesFirstAndOneForNobodyIsWrongUsage() {
        Endpoint given = new Endpoint(URI.create("low://192.0.2.1:1"), Endpoint.Source.GIVEN);
        endpoints = List.of(given);
        assertThat(connected().link().transport()).isEqualTo("low");
        endpoints = List.of(new Endpoint(URI.create("x://h:1"), Endpoint.Source.GIVEN));
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(this::connected)
                .withMessage("no transport takes the endpoint x://h:1");
    }

    @Test
    void whereEveryKeyIsWrongTheLineSaysSo() {
        refusal = Optional.of(WrongKeyException.told(new WrongKeyException()));
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(this::connected)
                .withMessageContaining("the manager's key is not the one");
    }
}
