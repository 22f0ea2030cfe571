package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;
import tp.tunnel.FlowGrace;

class GraceTest {

    @Test
    void isFiveMinutesUnlessSomebodySays() {
        assertThat(Grace.of(Map.of())).isEqualTo(FlowGrace.USUAL);
        assertThat(FlowGrace.USUAL.time()).isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "' 300 ', 300", "86400, 86400"})
    void isThatManySeconds(String text, long seconds) {
        assertThat(Grace.of(Map.of(Grace.VARIABLE, text)).time())
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "5m", "86401", "999999999999999999999", "1.5", "x"})
    void anythingElseIsRefusedInOneLine(String text) {
        assertThatThrownBy(() -> Grace.of(Map.of(Grace.VARIABLE, text)))
                .isInstanceOf(TpException.class)
                .hasMessageContaining("TP_FLOW_GRACE");
    }
}
