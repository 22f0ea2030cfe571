package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tp.connector.LinkState;
import tp.dns.ResolverStatistics;
import tp.stack.Counter;

/** What Prometheus is shown. */
class DaemonMetricsTest {

    private static final Pattern SHOWN = Pattern.compile("(?m)^# TYPE (tp_[a-z_]+) ");
    private static final Pattern DOCUMENTED = Pattern.compile("`(tp_[a-z_]+)`");

    private static String page() {
        return DaemonMetrics.text(
                new DaemonMetrics.Numbers(
                        LinkState.NONE,
                        1_500_000,
                        new DataPlaneStatistics(
                                1,
                                2,
                                3,
                                4,
                                5,
                                6,
                                7,
                                8,
                                9,
                                10,
                                11,
                                12,
                                13,
                                Map.of(Counter.SYNS_HELD, 14L)),
                        new ResolverStatistics(20, 21, 22, 23, 24, 25, 26)));
    }

    @Test
    void everyNameIsInTheDocumentationAndNoOtherIs() throws IOException {
        String document = Files.readString(Path.of("../../docs/metrics.md"));
        String section = document.substring(0, document.indexOf("## The manager"));
        assertThat(names(SHOWN, page())).isEqualTo(names(DOCUMENTED, section));
    }

    private static Set<String> names(Pattern pattern, String text) {
        Set<String> names = new TreeSet<>();
        pattern.matcher(text).results().forEach(found -> names.add(found.group(1)));
        return names;
    }

    @Test
    void eachNumberIsWhereItBelongs() {
        assertThat(page().lines())
                .contains(
                        "tp_held_syns 2",
                        "tp_dials 3",
                        "tp_link_round_trip_seconds 0.0015",
                        "tp_drops_total{reason=\"too_many_datagram_flows\"} 8",
                        "tp_drops_total{reason=\"device_behind\"} 9",
                        "tp_drops_total{reason=\"dns_full\"} 10",
                        "tp_drops_total{reason=\"strangers\"} 11",
                        "tp_drops_total{reason=\"accept_failed\"} 12",
                        "tp_packet_loop_failures_total 13",
                        "tp_packets_total{event=\"syns_held\"} 14",
                        "tp_dns_questions_total 20",
                        "tp_dns_outcomes_total{outcome=\"malformed\"} 21",
                        "tp_dns_outcomes_total{outcome=\"cached\"} 22",
                        "tp_dns_outcomes_total{outcome=\"asked_cluster\"} 23",
                        "tp_dns_outcomes_total{outcome=\"forwarded_to_host\"} 24",
                        "tp_dns_outcomes_total{outcome=\"refused\"} 25",
                        "tp_dns_outcomes_total{outcome=\"failed\"} 26");
    }
}
