package tp.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/**
 * What a look-up costs, counted in round trips to the cluster: as many as there are names to try,
 * with the questions for both families of each side by side; and none the next time.
 */
class LookupCostTest {

    private static final Duration ROUND_TRIP = Duration.ofMillis(40);

    private final HandTurnedClock clock = new HandTurnedClock();
    private final FakeUpstream cluster =
            new FakeUpstream("cluster.local.")
                    .with("web.default.svc.cluster.local.", "A", 30, "10.96.0.20")
                    .with("six.default.svc.cluster.local.", "AAAA", 30, "fd00:10:96::20")
                    .with("web.dev.svc.cluster.local.", "A", 30, "10.96.0.21");
    private final FakeUpstream host = new FakeUpstream(".");
    private final List<String> asked = new ArrayList<>();
    private int underWay;
    private int mostUnderWay;

    private final Resolver resolver =
            new Resolver(
                    () -> ResolverZones.of("cluster.local", List.of("default", "dev"), List.of()),
                    this::farAway,
                    host,
                    clock);

    private void farAway(byte[] query, boolean tcp, Upstream.Listener listener) {
        asked.add(FakeUpstream.parse(query).getQuestion().getName().toString());
        mostUnderWay = Math.max(mostUnderWay, ++underWay);
        clock.after(
                ROUND_TRIP.toNanos(),
                () -> {
                    underWay--;
                    cluster.ask(query, tcp, listener);
                });
    }

    /** What a C library tries in turn → what is asked through the tunnel, for both families. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web.default.                   | web.default.svc.cluster.local.",
                "web.default.svc.               | web.default.svc.cluster.local.",
                "web.default.svc.cluster.local. | web.default.svc.cluster.local.",
                "six.default.                   | six.default.svc.cluster.local.",
                // A search list with the namespaces dev and default.
                "web.dev.svc.cluster.local. web.default.svc.cluster.local."
                        + " | web.dev.svc.cluster.local.",
                "six.dev.svc.cluster.local. six.default.svc.cluster.local."
                        + " | six.dev.svc.cluster.local. six.default.svc.cluster.local.",
                // As in a pod, where ndots is 5.
                "web.default.default.svc.cluster.local. web.default.svc.cluster.local."
                        + " | web.default.default.svc.cluster.local. web.default.svc.cluster.local.",
                // The host's own domain is no matter for the cluster.
                "web.default.corp.example. web.default. | web.default.svc.cluster.local.",
                "www.example.com.               | ''",
            })
    void eachNameThatIsTriedCostsOneRoundTripAndThenNone(String tried, String throughTheTunnel) {
        List<String> names =
                throughTheTunnel.isEmpty() ? List.of() : List.of(throughTheTunnel.split(" "));

        Duration first = lookUp(tried.split(" "));
        List<String> askedFirst = List.copyOf(asked);
        Duration second = lookUp(tried.split(" "));

        assertThat(askedFirst)
                .containsExactlyElementsOf(
                        names.stream().flatMap(name -> List.of(name, name).stream()).toList());
        assertThat(first).isEqualTo(ROUND_TRIP.multipliedBy(names.size()));
        assertThat(mostUnderWay).as("A and AAAA at once").isEqualTo(names.isEmpty() ? 0 : 2);
        assertThat(second).isZero();
        assertThat(asked).as("nothing the second time").hasSameSizeAs(askedFirst);
    }

    /**
     * As glibc does it: A and AAAA of one name at once, the next name when both are answered and
     * neither with an address.
     *
     * @return how long it took
     */
    private Duration lookUp(String... names) {
        long startNs = clock.nowNs();
        for (String name : names) {
            List<Message> answers = new ArrayList<>();
            ask(name, "A", answers);
            ask(name, "AAAA", answers);
            while (answers.size() < 2 && clock.pending() > 0) {
                clock.turn(Duration.ofMillis(1));
            }
            assertThat(answers).hasSize(2);
            if (answers.stream().anyMatch(one -> !one.getSection(Section.ANSWER).isEmpty())) {
                break;
            }
        }
        return Duration.ofNanos(clock.nowNs() - startNs);
    }

    private void ask(String name, String type, List<Message> answers) {
        resolver.resolve(
                ByteBuffer.wrap(FakeUpstream.query(name, type).toWire()),
                false,
                answer -> answers.add(FakeUpstream.parse(ResolverTest.bytes(answer))));
    }
}
