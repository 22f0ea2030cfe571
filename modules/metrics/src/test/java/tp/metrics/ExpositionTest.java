package tp.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpositionTest {

    @Test
    void itIsTheTextFormat() {
        Map<String, Long> reasons = new LinkedHashMap<>();
        reasons.put("full", 2L);
        reasons.put("a \"quoted\\\n", 3L);
        String text =
                new Exposition()
                        .gauge("tp_round_trip_seconds", "Of the last\nheartbeat.", 0.0015)
                        .counter("tp_bytes_total", "Payload.", 1L << 40)
                        .counters("tp_drops_total", "Not carried.", "reason", reasons)
                        .gauges("tp_up", "A link.", "transport", Map.of("quic", 1L))
                        .text();
        assertThat(text)
                .isEqualTo(
                        """
                        # HELP tp_round_trip_seconds Of the last\\nheartbeat.
                        # TYPE tp_round_trip_seconds gauge
                        tp_round_trip_seconds 0.0015
                        # HELP tp_bytes_total Payload.
                        # TYPE tp_bytes_total counter
                        tp_bytes_total 1099511627776
                        # HELP tp_drops_total Not carried.
                        # TYPE tp_drops_total counter
                        tp_drops_total{reason="full"} 2
                        tp_drops_total{reason="a \\"quoted\\\\\\n"} 3
                        # HELP tp_up A link.
                        # TYPE tp_up gauge
                        tp_up{transport="quic"} 1
                        """);
    }
}
