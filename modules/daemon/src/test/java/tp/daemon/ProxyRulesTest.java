package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.control.ConnectSettings;

/** What is wrong with them is seen end to end (AlsoProxyIT). */
class ProxyRulesTest {

    private static List<String> list(String text) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split(" "));
    }

    /** Asked for, what the manager permits, what is used, and what the warning is about. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | '' | '' | ''",
                "10.9.0.0/16 | '' | '' | 10.9.0.0/16",
                "10.9.0.0/16 | 10.9.0.0/16 | 10.9.0.0/16 | ''",
                "10.9.1.0/24 | 10.0.0.0/8 .corp.example | 10.9.1.0/24 | ''",
                "10.9.0.0/16 | 10.9.1.0/24 | '' | 10.9.0.0/16",
                "10.9.1.7 | 10.9.0.0/16 | 10.9.1.7/32 | ''",
                "fd00:9::/48 | 10.9.0.0/16 | '' | fd00:9::/48",
                "corp.example | .corp.example | .corp.example | ''",
                "DB.Corp.Example. | .corp.example | .db.corp.example | ''",
                "xcorp.example | .corp.example | '' | .xcorp.example",
                "corp.example | .db.corp.example | '' | .corp.example",
                "10.9.0.0/16 .a.example | .a.example something:new | .a.example | 10.9.0.0/16",
            })
    void onlyWhatTheManagerPermitsIsUsed(
            String asked, String external, String used, String warned) {
        ProxyRules rules = ProxyRules.parse(new ConnectSettings.Outside(list(asked), List.of()));

        assertThat(rules.permittedBy(list(external)).also().texts())
                .containsExactlyElementsOf(list(used));
        if (warned.isEmpty()) {
            assertThat(rules.warning(list(external))).isEmpty();
        } else {
            List<String> all = new java.util.ArrayList<>(list(external));
            all.addAll(list(warned));
            assertThat(rules.warning(list(external)).orElseThrow())
                    .startsWith("--also-proxy " + warned + " is not permitted")
                    .endsWith("TP_EXTERNAL=" + String.join(",", all));
        }
    }
}
