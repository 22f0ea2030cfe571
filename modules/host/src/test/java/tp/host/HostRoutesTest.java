package tp.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.os.InterfaceAddress;
import tp.os.LinkAddress;
import tp.os.Route;
import tp.spi.common.Cidr;

class HostRoutesTest {

    private static final String ID = "0123ab07";

    private static HostRoutes with(String... routes) {
        return new HostRoutes(
                Stream.of(routes)
                        .map(text -> new Route(Cidr.parse(text), 254, 2, Route.Kind.UNICAST, 0))
                        .toList(),
                List.of(new LinkAddress(2, InterfaceAddress.parse("192.0.2.77/24"))));
    }

    @Test
    void choosesAFreeRangeByTheSessionsId() {
        assertThat(with("0.0.0.0/0", "::/0").deviceAddresses(ID, List.of()))
                .extracting(InterfaceAddress::toString)
                .containsExactly("100.127.7.1/24", "fd74:7470:123:ab07::1/64");
    }

    @Test
    void passesOverWhatTheHostOrTheClusterUses() {
        assertThat(with("100.64.0.0/10").deviceAddresses(ID, List.of()).getFirst())
                .hasToString("198.19.7.1/24");
        assertThat(
                        with("100.64.0.0/10")
                                .deviceAddresses(ID, List.of(Cidr.parse("198.18.0.0/15")))
                                .getFirst())
                .hasToString("10.254.7.1/24");
        assertThat(
                        with("100.127.7.9/32", "198.18.0.0/15", "10.0.0.0/8", "172.16.0.0/12")
                                .deviceAddresses(ID, List.of())
                                .getFirst())
                .hasToString("100.127.48.1/24");
    }

    @Test
    void saysWhereNothingIsLeft() {
        HostRoutes full = with("100.64.0.0/10", "198.18.0.0/15", "10.0.0.0/8", "172.16.0.0/12");
        assertThatThrownBy(() -> full.deviceAddresses(ID, List.of()))
                .hasMessageContaining("every address range");
    }

    @Test
    void knowsWhatOverlaps() {
        HostRoutes routes = with("0.0.0.0/0", "10.96.0.0/12");
        assertThat(routes.overlap(Cidr.parse("10.100.0.0/16")))
                .hasValue(Cidr.parse("10.96.0.0/12"));
        assertThat(routes.overlap(Cidr.parse("10.0.0.0/8"))).hasValue(Cidr.parse("10.96.0.0/12"));
        assertThat(routes.overlap(Cidr.parse("192.0.2.0/25"))).hasValue(Cidr.parse("192.0.2.0/24"));
        assertThat(routes.overlap(Cidr.parse("10.244.0.0/16"))).isEmpty();
    }

    @Test
    void readsThisHost() {
        assertThat(HostRoutes.read().overlap(Cidr.parse("127.0.0.1/32"))).isPresent();
        assertThat(IntStream.range(0, 50).mapToObj(i -> "%08x".formatted(i * 7919)))
                .allSatisfy(
                        id ->
                                assertThat(HostRoutes.read().deviceAddresses(id, List.of()))
                                        .hasSize(2));
    }

    /** What the host routes, and where virtual addresses then are. */
    @ParameterizedTest
    @CsvSource({
        "'', 198.19.0.0/16",
        "0.0.0.0/0, 198.19.0.0/16",
        "198.19.7.0/24, 198.18.0.0/16",
        "198.18.0.0/15, 100.71.0.0/16",
        "198.18.0.0/15 100.64.0.0/10, 172.23.0.0/16",
        "198.18.0.0/15 100.64.0.0/10 172.16.0.0/12, 10.7.0.0/16",
        "198.18.0.0/15 100.64.0.0/10 172.16.0.0/12 10.0.0.0/9, 10.128.0.0/16",
        // Larger ones come first, wherever they are; without any, smaller ones.
        "198.18.0.0/16 198.19.0.0/17 100.64.0.0/10 172.16.0.0/12 10.0.0.0/8, 198.19.128.0/20",
        "198.18.0.0/15 100.64.0.0/10 172.16.0.0/12 10.0.0.0/8, ''",
    })
    void choosesWhereVirtualAddressesAre(String routes, String range) {
        HostRoutes host = routes.isEmpty() ? with() : with(routes.split(" "));

        assertThat(host.virtualIpv4(ID, List.of()).map(Cidr::toString).orElse("")).isEqualTo(range);
    }

    @Test
    void virtualAddressesKeepClearOfTheClusterAndOfTheDevice() {
        List<Cidr> reserved =
                Stream.of("198.19.7.0/24", "198.18.0.0/16", "100.71.3.0/24")
                        .map(Cidr::parse)
                        .toList();

        assertThat(with().virtualIpv4(ID, reserved)).hasValue(Cidr.parse("100.72.0.0/16"));
        assertThat(with().virtualIpv6(new Random(4), reserved).toString()).matches("fd.*::/64");
    }
}
