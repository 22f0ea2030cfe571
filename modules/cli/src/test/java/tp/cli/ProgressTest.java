package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tp.control.Reply;

/** What is written while something goes on, in a time of its own. */
class ProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long nowNs = 5;

    private Progress progress(Look look) {
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        return new Progress(stream, look, () -> nowNs);
    }

    /** {@return what was written since the last call, with the codes made visible} */
    private String written() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text.replace("\r", "<").replace("\u001b[K", ">");
    }

    private void pass(Progress progress, Duration time) {
        nowNs += time.toNanos();
        progress.tick();
    }

    @Test
    void aFileGetsLinesAndNothingElse() {
        try (Progress progress = progress(Look.PLAIN)) {
            progress.step("one");
            pass(progress, Duration.ofSeconds(9));
            progress.pass("in passing");
            pass(progress, Duration.ofSeconds(9));
            progress.show(Reply.Progress.asking("password?"));
            progress.show(Reply.Progress.step("x".repeat(100)));
        }
        assertThat(written()).isEqualTo("one\npassword?\n" + "x".repeat(100) + "\n");
    }

    @Test
    void aTerminalIsToldTheTimeOfWhatTakesASecond() {
        try (Progress progress = progress(Look.LIVE)) {
            progress.step("one");
            pass(progress, Duration.ofMillis(900));
            assertThat(written()).isEqualTo("one");
            pass(progress, Duration.ofMillis(100));
            assertThat(written()).isEqualTo("<one 1 s>");
            pass(progress, Duration.ofMillis(900));
            assertThat(written()).as("a second that was told").isEmpty();
            pass(progress, Duration.ofMillis(400));
            assertThat(written()).isEqualTo("<one 2 s>");
            progress.step("two");
            assertThat(written()).isEqualTo("<one 2.3 s>\ntwo");
        }
        assertThat(written()).isEqualTo("\n");
    }

    @Test
    void aLongLineIsShortWhileItIsWrittenAgain() {
        try (Progress progress = progress(Look.LIVE)) {
            progress.step("x".repeat(100));
            assertThat(written()).isEqualTo("x".repeat(69) + "…");
            pass(progress, Duration.ofSeconds(3));
            assertThat(written()).isEqualTo("<" + "x".repeat(69) + "… 3 s>");
        }
        assertThat(written()).isEqualTo("<" + "x".repeat(100) + " 3.0 s>\n");
    }

    @Test
    void nothingIsWrittenWhileSomebodyElseAsks() {
        try (Progress progress = progress(Look.COLOURED)) {
            progress.step("one");
            progress.show(Reply.Progress.asking("tp needs root"));
            assertThat(written()).isEqualTo("one\ntp needs root\n");
            pass(progress, Duration.ofSeconds(60));
            assertThat(written()).isEmpty();
        }
        assertThat(written()).isEmpty();
    }

    @Test
    void whatIsUsuallyQuickIsToldOnlyWhileItLasts() {
        try (Progress progress = progress(Look.COLOURED)) {
            progress.pass("quick");
            pass(progress, Duration.ofMillis(900));
            assertThat(written()).isEmpty();
            pass(progress, Duration.ofMillis(200));
            assertThat(written()).isEqualTo("<quick \u001b[2m1 s\u001b[0m>");
        }
        assertThat(written()).isEqualTo("<>");
    }

    @Test
    void theTimeIsToldByItself() {
        nowNs = System.nanoTime();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (Progress progress = Progress.on(stream, Look.LIVE)) {
            progress.step("one");
            long endNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (!bytes.toString(StandardCharsets.UTF_8).contains("one 1 s")) {
                assertThat(System.nanoTime()).as("told in time").isLessThan(endNs);
                Thread.onSpinWait();
            }
        }
    }
}
