package tp.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that ends without an answer says why, as far as it knows. */
class ErrandProcessTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = "::",
            value = {
                "last words :: echo first >&2; echo 'no such plug-in' >&2 :: no such plug-in",
                "a trace :: printf 'Exception a\\n\\tat b\\nCaused by: c\\n\\t... 3 more\\n' >&2"
                        + " :: Caused by: c",
                "a secret :: echo 'refused: password=hunter2' >&2 :: refused: password=<masked>",
                "silence :: exit 3 :: it said nothing",
                "no answer but noise :: echo hello; echo so >&2 :: so",
                "no end :: exec sleep 60 :: it took more than 100 ms",
            })
    void itsLastWordsAreTold(String name, String script, String words) {
        Optional<Duration> patience =
                script.contains("sleep") ? Optional.of(Duration.ofMillis(100)) : Optional.empty();
        ErrandProcess process = new ErrandProcess(List.of("/bin/sh", "-c", script));

        assertThatThrownBy(() -> process.reply(Optional.empty(), patience, step -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("it ended without an answer: " + words);
    }
}
