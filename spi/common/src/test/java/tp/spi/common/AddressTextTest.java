package tp.spi.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {

    @ParameterizedTest
    @CsvSource({
        "10.96.0.1, 10.96.0.1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "fd00:0010:0096:0:0:0:0:0, fd00:10:96::",
        "fd00:10:96:0:0:0:0:11, fd00:10:96::11",
        "FD74:7470:0123:AB07:0:0:0:1, fd74:7470:123:ab07::1",
        // RFC 5952 §4.2.2: one group alone is not shortened.
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        // §4.2.3: the longest run, and the first of two that are equal.
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    })
    void ipv6IsShortenedAsRfc5952Says(String literal, String expected) {
        InetAddress address = InetAddress.ofLiteral(literal);

        assertThat(AddressText.of(address)).isEqualTo(expected);
        assertThat(InetAddress.ofLiteral(AddressText.of(address))).isEqualTo(address);
    }
}
