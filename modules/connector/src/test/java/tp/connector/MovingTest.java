package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tp.spi.common.TpException;

/** The user wants another transport while the session goes on. */
class MovingTest extends FakeSurroundings {

    private static void loseAndWait(FakeSession session, Connector connector) throws Exception {
        session.listener.closed("wi-fi");
        until(() -> connector.link().reconnects() > 0);
        assertThat(connector.await(TimeUnit.SECONDS.toNanos(5))).isPresent();
    }

    @Test
    void theNextLinkIsThereBeforeTheLastIsLeft() throws Exception {
        Connector connector = connected();
        sessions.getFirst().flows = 1;

        assertThat(connector.use("low")).isTrue();

        assertThat(connector.link().transport()).isEqualTo("low");
        assertThat(connector.link().reconnects()).as("nothing was lost").isZero();
        assertThat(connector.session()).contains(sessions.get(1));
        assertThat(sessions.getFirst().closed).as("it still has a flow").isFalse();
        assertThat(journal).endsWith("granted");
        sessions.getFirst().flows = 0;
        until(() -> sessions.getFirst().closed);
    }

    @Test
    void noOtherIsUsedFromThenOn() throws Exception {
        Connector connector = connected();
        connector.use("low");
        loseAndWait(sessions.get(1), connector);

        assertThat(connector.link().transport()).isEqualTo("low");
        assertThat(sessions.get(2).transport).isEqualTo("low");
    }

    @Test
    void theOneInUseIsNotOpenedAnewButKept() throws Exception {
        Connector connector = connected();
        assertThat(connector.use("high")).isFalse();
        assertThat(sessions).hasSize(1);

        silent.add("high");
        sessions.getFirst().listener.closed("wi-fi");
        until(() -> connector.link().lastError().orElse("").contains("no heartbeat"));
        assertThat(sessions).extracting(one -> one.transport).doesNotContain("low");
    }

    @Test
    void whatDoesNotGetThereChangesNothing() throws Exception {
        transports =
                List.of(new FakeTransport("low", 1, true), new FakeTransport("high", 9, false));
        Connector connector = connected();
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> connector.use("low"))
                .withMessageContaining("low: no way");
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> connector.use("pigeon"))
                .matches(e -> e.category() == TpException.Category.USAGE);

        assertThat(connector.session()).contains(sessions.getFirst());
        assertThat(connector.link().transports())
                .extracting(TransportState::id)
                .containsExactly("high", "low");
        loseAndWait(sessions.getFirst(), connector);
        assertThat(connector.link().transport()).isEqualTo("high");
    }

    @Test
    void aSessionThatHasLostItsLinkIsMovedTo() {
        Connector connector = connector(Optional.empty(), List.of(), Optional.of("high"));
        connector.reach(line -> {});
        connector.connect(line -> {});
        silent.add("high");
        sessions.getFirst().listener.closed("blocked");
        until(() -> connector.link().lastError().orElse("").contains("no heartbeat"));

        assertThat(connector.use("low")).isTrue();

        assertThat(connector.link().up()).isTrue();
        assertThat(connector.link().transport()).isEqualTo("low");
        assertThat(connector.link().reconnects()).isOne();
    }
}
