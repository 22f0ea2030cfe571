package tp.spi.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangesTest {

    @Test
    void fewAreTakenOneByOneAndHalvesMakeAWhole() {
        List<InetAddress> some =
                List.of(at("10.96.0.2"), at("10.96.0.1"), at("10.96.0.3"), at("fd00::1"));

        assertThat(AddressRanges.of(some))
                .extracting(Cidr::toString)
                .containsExactlyInAnyOrder("10.96.0.1/32", "10.96.0.2/31", "fd00::1/128");
        assertThat(AddressRanges.of(List.of())).isEmpty();
    }

    /** Far apart too: then there are more ranges, and still nothing wide. */
    @ParameterizedTest
    @CsvSource({
        "10.97.%d.%d, 2000, 10.97.0.0/16, 16",
        "fd00::%x:%x, 2000, fd00::/64, 64",
        "fd00:0:%x:%x::1, 2000, fd00::/32, 64",
    })
    void manyAreTakenTogetherAndNeverWidely(
            String pattern, int count, String within, int shortestPrefix) {
        List<InetAddress> many =
                IntStream.range(0, count)
                        .mapToObj(i -> at(pattern.formatted(i / 125, i % 125 * 2)))
                        .toList();

        Set<Cidr> ranges = AddressRanges.of(many);

        assertThat(many).allMatch(one -> ranges.stream().anyMatch(range -> range.contains(one)));
        assertThat(ranges)
                .allMatch(Cidr.parse(within)::overlaps)
                .allMatch(range -> range.prefixLength() >= shortestPrefix);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "team-a", "0", "a--b"})
    void aNamespaceCanBeCalledSo(String name) {
        assertThat(DnsLabel.matches(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-a",
                "a-",
                "A",
                "a.b",
                "a/b",
                "ä",
                "a234567890123456789012345678901234567890123456789012345678901234"
            })
    void noNamespaceCanBeCalledSo(String name) {
        assertThat(DnsLabel.matches(name)).isFalse();
    }

    private static InetAddress at(String literal) {
        return InetAddress.ofLiteral(literal);
    }
}
