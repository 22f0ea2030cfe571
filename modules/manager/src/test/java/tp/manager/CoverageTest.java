package tp.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;

class CoverageTest {

    @Test
    void itIsTheWholeClusterWhereNothingElseIsSaid() {
        assertThat(Coverage.of(Map.of())).isEqualTo(new Coverage.WholeCluster());
        assertThat(Coverage.of(Map.of("TP_NAMESPACES", " ")))
                .isEqualTo(new Coverage.WholeCluster());
        assertThat(Coverage.of(Map.of("TP_NAMESPACES", "team-a, team-b,team-a")))
                .isEqualTo(new Coverage.Namespaces(List.of("team-a", "team-b")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Team", "a/../b", "-a", "a..b"})
    void whatIsNoNamespaceEndsTheStart(String names) {
        assertThatThrownBy(() -> Coverage.of(Map.of("TP_NAMESPACES", names)))
                .isInstanceOf(TpException.class)
                .hasMessageContaining("TP_NAMESPACES");
    }

    /** By NAT64 and 6to4 an IPv6 address is an IPv4 one. */
    @ParameterizedTest
    @CsvSource({
        "203.0.113.10, true",
        "2001:db8::1, true",
        "10.96.0.1, false",
        "172.16.9.9, false",
        "172.32.9.9, true",
        "192.168.0.1, false",
        "100.64.0.1, false",
        "100.128.0.1, true",
        "fd00::1, false",
        "64:ff9b::a60:1, false",
        "64:ff9b::cb00:710a, true",
        "2002:a60:1::, false",
    })
    void whatIsPrivateMayBeOfOtherNamespaces(String address, boolean outside) {
        InetAddress at = InetAddress.ofLiteral(address);

        assertThat(new Coverage.Namespaces(List.of("a")).mayBeOutside(at)).isEqualTo(outside);
        assertThat(new Coverage.WholeCluster().mayBeOutside(at)).isTrue();
    }
}
