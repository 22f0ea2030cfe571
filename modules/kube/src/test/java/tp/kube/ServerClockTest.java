package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerClockTest {

    private static final String DATE = "Tue, 03 Feb 2026 10:00:00 GMT";

    @ParameterizedTest
    @CsvSource({
        "2026-02-03T10:00:00Z, 0",
        "2026-02-03T10:00:00.999Z, 0",
        "2026-02-03T10:02:00.5Z, 120",
        "2026-02-03T09:59:00Z, -60",
    })
    void theDifferenceIsInWholeSeconds(Instant now, long aheadS) {
        assertThat(ServerClock.ahead(DATE, now)).contains(Duration.ofSeconds(aheadS));
    }

    @Test
    void whatIsNoDateSaysNothing() {
        assertThat(ServerClock.ahead("yesterday", Instant.EPOCH)).isEqualTo(Optional.empty());
    }
}
