package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.transport.ByteLink;
import tp.spi.transport.Link;
import tp.spi.transport.Transport;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.tunnel.MappingRequest;

/** What is mapped changes while the session goes on. */
class RemappingTest extends FakeSurroundings {

    private static final MappingRequest A = MappingRequest.of(List.of("a"));
    private static final MappingRequest B = MappingRequest.of(List.of("b"));

    private Connector mapped(String name) {
        Connector connector = connector(Optional.empty(), List.of(name));
        connector.reach(line -> {});
        connector.connect(line -> {});
        return connector;
    }

    private static void change(Connector connector, String name) {
        connector.change(connector.scope(Optional.empty(), List.of(name)));
    }

    @Test
    void theLinkInUseIsToldAndTheNextBeginsWithIt() throws InterruptedException {
        Connector connector = mapped("a");
        change(connector, "b");
        assertThat(sessions.getFirst().mapping).isEqualTo(B);

        sessions.getFirst().listener.closed("wi-fi");
        until(() -> sessions.size() == 2);
        assertThat(sessions.get(1).hello.mapping()).isEqualTo(B);
        assertThat(connector.scope().request()).isEqualTo(B);
    }

    @Test
    void whatIsTheSameIsNotAskedFor() {
        Connector connector = mapped("a");
        connector.change(connector.scope(Optional.of("a"), List.of("a")));

        assertThat(journal).doesNotContain("remapped");
        assertThat(connector.scope().namespace()).contains("a");
    }

    @Test
    void whatTheManagerRefusesChangesNothing() {
        Connector connector = mapped("a");
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> change(connector, "forbidden"))
                .withMessage("the manager refused it");
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> connector.scope(Optional.of("z"), List.of("b")))
                .withMessage("namespace z is not mapped");

        sessions.getFirst().listener.closed("wi-fi");
        until(() -> sessions.size() == 2);
        assertThat(sessions.get(1).hello.mapping()).isEqualTo(A);
        assertThat(connector.scope().request()).isEqualTo(A);
    }

    @Test
    void moreNamesThanAManagerTakesAreWrongUsage() {
        List<String> many = IntStream.range(0, 1025).mapToObj(i -> "n" + i).toList();
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> connector(Optional.empty(), many))
                .matches(e -> e.category() == TpException.Category.USAGE);
    }

    @Test
    void whereNoAnswerComesTheOldOneHolds() {
        Connector connector = mapped("a");
        silent.add("high");
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> change(connector, "b"))
                .withMessage("the mapping was not changed: no answer")
                .matches(e -> e.category() == TpException.Category.TRANSIENT);
        assertThat(connector.scope().request()).isEqualTo(A);
        // The link that gave none is not left with what it may have heard.
        until(() -> sessions.getFirst().closed);
    }

    @Test
    void whereNoAnswerComesALinkThatWasOpenedMeanwhileGoesBackToo() {
        Connector connector = mapped("a");
        FakeSession first = sessions.getFirst();
        first.flows = 1;
        first.deaf = true;
        first.whileAsked =
                () -> {
                    first.whileAsked = () -> {};
                    first.listener.doubtful("slow");
                    until(() -> connector.session().filter(now -> now != first).isPresent());
                };

        assertThatExceptionOfType(TpException.class).isThrownBy(() -> change(connector, "b"));
        FakeSession next = sessions.get(1);
        assertThat(next.hello.mapping()).isEqualTo(B);
        until(() -> next.mapping.equals(A));
    }

    @Test
    void linksThatAreLeftAndLinksBesideAreToldOrClosed() {
        transports = List.of(new Several("wide"));
        Connector connector = mapped("a");
        FakeSession left = sessions.getFirst();
        left.flows = 1;
        left.listener.doubtful("slow"); // another takes over, and this one keeps its flow
        until(() -> connector.session().filter(now -> now != left).isPresent());
        until(
                () -> {
                    connector.sessionForFlow().ifPresent(one -> ((FakeSession) one).flows = 1);
                    return sessions.size() == 3;
                });
        FakeSession beside = sessions.get(2);
        until(() -> connector.sessionForFlow().filter(beside::equals).isPresent());

        change(connector, "b");
        assertThat(sessions).allSatisfy(one -> assertThat(one.mapping).isEqualTo(B));

        left.deaf = true;
        change(connector, "c");
        assertThat(left.closed).isTrue();
        assertThat(beside.mapping).isEqualTo(MappingRequest.of(List.of("c")));
    }

    /** A transport that is better with two links. */
    private record Several(String id) implements TransportProvider {

        @Override
        public Assessment assess(TransportContext context) {
            return new Assessment.Usable(5, "fits");
        }

        @Override
        public Set<String> schemes() {
            return Set.of(id);
        }

        @Override
        public Transport create(TransportContext context) {
            String name = id;
            return new Transport() {
                @Override
                public Link open() {
                    return new ByteLink(new NoChannel(name));
                }

                @Override
                public int parallelLinks() {
                    return 2;
                }

                @Override
                public void close() {}
            };
        }
    }
}
