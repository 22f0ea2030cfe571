package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;

/** Several links at once, where one bounds all flows. */
class ParallelLinksTest extends FakeSurroundings {

    private static final int LINKS = 4;

    /** One that is better with so many. */
    private record Pipe(String id, int score, int links) implements TransportProvider {

        @Override
        public Assessment assess(TransportContext context) {
            return new Assessment.Usable(score, "fits");
        }

        @Override
        public Transport create(TransportContext context) {
            String name = id;
            int several = links;
            return new Transport() {
                @Override
                public Link open() {
                    return new ByteLink(new NoChannel(name));
                }

                @Override
                public int parallelLinks() {
                    if (several < 0) {
                        throw new IllegalStateException("oops");
                    }
                    return several;
                }

                @Override
                public void close() {}
            };
        }
    }

    @BeforeEach
    void pipe() {
        transports = List.of(new Pipe("pipe", 5, LINKS));
    }

    private FakeSession flow(Connector connector) {
        FakeSession taken = (FakeSession) connector.sessionForFlow().orElseThrow();
        taken.flows = 1;
        return taken;
    }

    /** {@return a connector whose links are all open} */
    private Connector wide() {
        Connector connector = connected();
        flow(connector);
        flow(connector);
        until(() -> inUse(connector) == LINKS);
        return connector;
    }

    /** {@return over how many links new flows are spread now} */
    private long inUse(Connector connector) {
        sessions.forEach(one -> one.flows = 1);
        return IntStream.range(0, 3 * LINKS)
                .mapToObj(i -> connector.sessionForFlow().orElseThrow())
                .distinct()
                .count();
    }

    @Test
    void oneFlowAfterTheOtherCostsNothing() {
        Connector connector = connected();
        for (int i = 0; i < 10; i++) {
            flow(connector).flows = 0;
        }
        assertThat(sessions).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"4, 4", "1, 1", "0, 1", "-1, 1", "1000, 8"})
    void aSecondFlowAtATimeOpensAsManyAsTheTransportIsBetterWith(int asked, int opened) {
        transports = List.of(new Pipe("pipe", 5, asked));
        Connector connector = connected();
        flow(connector);
        flow(connector);
        until(() -> inUse(connector) == opened);
        assertThat(sessions).hasSize(opened);
        assertThat(sessions)
                .allSatisfy(one -> assertThat(one.hello).isEqualTo(sessions.getFirst().hello));
        assertThat(connector.session()).contains(sessions.getFirst());
        assertThat(connector.link().reconnects()).isZero();
        assertThat(journal).doesNotContain("granted");
    }

    @Test
    void aFlowTakesTheLinkWithTheFewest() {
        Connector connector = wide();
        for (int i = 0; i < LINKS; i++) {
            sessions.get(i).flows = 5 - i;
        }
        assertThat(connector.sessionForFlow()).contains(sessions.get(LINKS - 1));
        assertThat(connector.link().openFlows()).isEqualTo(5 + 4 + 3 + 2);
        assertThat(connector.link().transports().getFirst().reason())
                .isEqualTo("fits, 4 connections");
    }

    @Test
    void anotherTakesThePlaceOfOneThatIsLostAndNothingElseHappens() {
        Connector connector = wide();
        FakeSession lost = sessions.get(1);
        lost.listener.closed("cut");
        until(() -> sessions.size() == LINKS + 1 && lost.closed);
        until(() -> inUse(connector) == LINKS);
        assertThat(connector.session()).contains(sessions.getFirst());
        assertThat(connector.link().up()).isTrue();
        assertThat(connector.link().reconnects()).isZero();
        assertThat(connector.link().lastError()).isEmpty();
        assertThat(journal).doesNotContain("granted", "lost cut");
    }

    @Test
    void oneInDoubtGetsNoNewFlowsAndStaysForThoseThatItHas() {
        Connector connector = wide();
        FakeSession doubted = sessions.get(1);
        doubted.flows = 1;
        doubted.listener.doubtful("no heartbeat");
        until(() -> sessions.size() == LINKS + 1);
        doubted.flows = 0;
        sessions.stream().filter(one -> !one.equals(doubted)).forEach(one -> one.flows = 9);
        assertThat(connector.sessionForFlow()).isNotEqualTo(Optional.of(doubted));
        until(() -> doubted.closed);
        assertThat(connector.session()).contains(sessions.getFirst());
    }

    @Test
    void whenTheCurrentLinkIsLostTheOthersStayForTheirFlows() {
        Connector connector = wide();
        FakeSession busy = sessions.get(1);
        sessions.forEach(one -> one.flows = 0);
        busy.flows = 1;
        sessions.getFirst().listener.closed("cut");
        until(() -> connector.link().reconnects() == 1);
        until(() -> sessions.get(2).closed && sessions.get(3).closed);
        assertThat(busy.closed).isFalse();
        assertThat(connector.link().openFlows()).isOne();
        assertThat(connector.sessionForFlow()).isEqualTo(connector.session());
        busy.flows = 0;
        until(() -> busy.closed);
    }

    @Test
    void whenTheCurrentLinkIsLeftTheOthersAreLeftWithIt() {
        transports = List.of(new Pipe("pipe", 5, LINKS), new FakeTransport("high", 9, false));
        silent.add("high");
        Connector connector = wide();
        silent.clear();
        until(() -> connector.link().transport().equals("high"));
        sessions.forEach(one -> one.flows = one.transport.equals("pipe") ? 1 : 5);
        assertThat(connector.sessionForFlow()).isEqualTo(connector.session());
        until(() -> connector.link().openFlows() == LINKS + 5);
        sessions.forEach(one -> one.flows = 0);
        until(
                () ->
                        sessions.stream()
                                .filter(one -> one.transport.equals("pipe"))
                                .allMatch(one -> one.closed));
        assertThat(connector.link().up()).isTrue();
    }

    @Test
    void whereNoMoreAreToBeHadTheSessionGoesOnAndTheyAreTriedAgain() {
        Connector connector = connected();
        refusal = Optional.of(TpException.environment("there are too many connections", ""));
        flow(connector);
        flow(connector);
        assertThat(connector.sessionForFlow()).contains(sessions.getFirst());
        refusal = Optional.empty();
        until(() -> inUse(connector) == LINKS);
        assertThat(connector.link().transports().getFirst().verdict()).isEqualTo("in use");
    }

    @Test
    void closingEndsAllOfThem() {
        Connector connector = wide();
        connector.close();
        until(() -> sessions.stream().allMatch(one -> one.closed));
        assertThat(connector.sessionForFlow()).isEmpty();
        assertThat(sessions).hasSize(LINKS);
    }
}
