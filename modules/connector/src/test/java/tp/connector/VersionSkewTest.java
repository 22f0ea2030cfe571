package tp.connector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionSkewTest {

    @ParameterizedTest
    @CsvSource({
        "1.4.0, 1.4.9, true",
        "1.4.0-SNAPSHOT, 1.5.1, true",
        "1.4.0, 1.3, true",
        "1.4.0, 1.6.0, false",
        "1.4.0, 1.2.0, false",
        "1.0.0, 2.0.0, false",
        "1.0.0, 2.1.0, false",
        "1.4.0, dev, false",
        "'', 1.4.0, false",
        "1.4.0, 1.99999999999.0, false",
    })
    void oneMinorVersionApartWorks(String one, String other, boolean works) {
        assertThat(VersionSkew.works(one, other)).isEqualTo(works);
        assertThat(VersionSkew.works(other, one)).isEqualTo(works);
    }
}
