package tp.sandbox.node;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundedLogTest {

    private final BoundedLog log =
            new BoundedLog(Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));

    @ParameterizedTest
    @CsvSource({"-1, a|b|c", "0, ''", "2, b|c", "9, a|b|c"})
    void givesTheLastLines(int count, String expected) throws IOException {
        log.copyFrom(new ByteArrayInputStream("a\nb\nc".getBytes(US_ASCII)));

        assertThat(read(count, false).strip().replace('\n', '|')).isEqualTo(expected);
    }

    @Test
    void putsTimesBeforeLines() throws IOException {
        log.copyFrom(new ByteArrayInputStream("a\n".getBytes(US_ASCII)));

        assertThat(read(-1, true)).isEqualTo("2026-01-02T03:04:05Z a\n");
    }

    @Test
    void forgetsWhatIsOld() throws IOException {
        byte[] line = ("x".repeat(99) + "\n").getBytes(US_ASCII);
        for (int i = 0; i < 10_000; i++) {
            log.append(line, line.length);
        }

        assertThat(read(-1, false).length()).isBetween(200_000, 256 * 1024);
    }

    @Test
    void cutsALineThatDoesNotEnd() throws IOException {
        byte[] noise = new byte[1 << 20];
        Arrays.fill(noise, (byte) 'x');

        log.append(noise, noise.length);

        assertThat(read(-1, false).length()).isLessThanOrEqualTo(256 * 1024);
    }

    @Test
    void aFollowerGetsWhatComesLaterAndTheEnd() throws Exception {
        LogStream stream = new LogStream(log, 0, true, false);
        Thread writer =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    log.append("one\n".getBytes(US_ASCII), 4);
                                    log.append("two\n".getBytes(US_ASCII), 4);
                                    log.end();
                                });

        assertThat(new String(stream.readAllBytes(), US_ASCII)).isEqualTo("one\ntwo\n");
        writer.join();
    }

    private String read(int tail, boolean timestamps) throws IOException {
        try (LogStream stream = new LogStream(log, log.tail(tail), false, timestamps)) {
            return new String(stream.readAllBytes(), US_ASCII);
        }
    }
}
