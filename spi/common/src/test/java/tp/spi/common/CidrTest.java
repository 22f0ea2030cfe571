package tp.spi.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/16, 10.96.255.255, true",
        "10.96.0.0/16, 10.97.0.0, false",
        "10.96.0.0/13, 10.103.1.1, true",
        "10.96.0.0/13, 10.104.0.0, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1, 10.0.0.2, false",
        "fd00:10::/64, fd00:10::ffff, true",
        "fd00:10::/64, fd00:10:0:1::, false",
        "10.0.0.0/8, fd00::1, false",
    })
    void containsExactlyItsAddresses(String cidr, String address, boolean expected) {
        assertThat(Cidr.parse(cidr).contains(InetAddress.ofLiteral(address))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.96.0.0/16, true",
        "10.96.0.0/16, 10.0.0.0/8, true",
        "10.96.0.0/16, 10.97.0.0/16, false",
    })
    void overlapsInBothDirections(String one, String other, boolean expected) {
        assertThat(Cidr.parse(one).overlaps(Cidr.parse(other))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "example.com/8", "::/129"})
    void refusesWhatIsNoRange(String text) {
        assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"10.96.3.4/16, 10.96.0.0/16", "fd00::1/64, fd00::/64"})
    void clearsBitsBehindThePrefix(String text, String expected) {
        assertThat(Cidr.parse(text)).hasToString(expected);
    }
}
