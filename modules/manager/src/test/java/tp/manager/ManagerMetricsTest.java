package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tp.tunnel.ServerStatistics;
import tp.tunnel.Traffic;

/** What Prometheus is shown. */
class ManagerMetricsTest {

    private static final Pattern SHOWN = Pattern.compile("(?m)^# TYPE (tp_[a-z_]+) ");
    private static final Pattern DOCUMENTED = Pattern.compile("`(tp_[a-z_]+)`");

    private static String page() {
        return ManagerMetrics.text(
                new ServerStatistics(
                        1,
                        2,
                        3,
                        4,
                        5,
                        6,
                        new ServerStatistics.Kept(7, 8, 9, 10),
                        new ServerStatistics.Shares(11, 12, 13),
                        new Traffic(14, 15, 16)));
    }

    @Test
    void everyNameIsInTheDocumentationAndNoOtherIs() throws IOException {
        String document = Files.readString(Path.of("../../docs/metrics.md"));
        String section = document.substring(document.indexOf("## The manager"));
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
                        "tp_manager_connections 1",
                        "tp_manager_sessions 2",
                        "tp_manager_flows 3",
                        "tp_manager_dials 4",
                        "tp_manager_refused_total 5",
                        "tp_manager_malformed_total 6",
                        "tp_manager_waiting_flows 7",
                        "tp_manager_retained_bytes 8",
                        "tp_manager_resumed_flows_total 9",
                        "tp_manager_dropped_flows_total 10",
                        "tp_manager_held_bytes 11",
                        "tp_manager_waiting_dials 12",
                        "tp_manager_over_memory_flows_total 13",
                        "tp_manager_bytes_total{direction=\"sent\"} 14",
                        "tp_manager_bytes_total{direction=\"received\"} 15",
                        "tp_manager_dropped_datagrams_total 16");
    }
}
