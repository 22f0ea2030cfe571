package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.Cidr;

class RoutePlanTest {

    private static List<Cidr> ranges(String text) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(text.strip().split(" +")).map(Cidr::parse).toList();
    }

    private static List<InetAddress> addresses(String text) {
        return text.isBlank()
                ? List.of()
                : Arrays.stream(text.strip().split(" +")).map(InetAddress::ofLiteral).toList();
    }

    private static RoutePlan plan(
            List<Cidr> cluster, List<Cidr> host, List<InetAddress> kept, boolean hasIpv6) {
        return RoutePlan.of(
                new RoutePlan.Wanted(cluster, List.of(), List.of()),
                new RoutePlan.Surroundings(host, kept, hasIpv6));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.96.0.0/16 10.244.0.0/16 | 192.168.1.0/24 0.0.0.0/0 | '' | 10.96.0.0/16 10.244.0.0/16 | ''",
                // The two halves of a VPN that takes everything claim nothing.
                "10.96.0.0/16 | 0.0.0.0/1 128.0.0.0/1 | '' | 10.96.0.0/16 | ''",
                "10.96.0.0/16 | 10.0.0.0/8 | '' | '' | 10.96.0.0/16",
                "10.96.0.0/16 | 10.96.0.0/16 | '' | '' | 10.96.0.0/16",
                "10.96.0.0/16 | 10.96.3.0/24 | '' | 10.96.0.0/16 | 10.96.3.0/24",
                "10.0.0.0/30 | '' | 10.0.0.2 | 10.0.0.0/31 10.0.0.3/32 | 10.0.0.2/32",
                "10.0.0.2/32 | '' | 10.0.0.2 | '' | 10.0.0.2/32",
                "8.0.0.0/7 | '' | '' | '' | 8.0.0.0/7",
                "0.0.0.0/0 | '' | '' | '' | 0.0.0.0/0",
            })
    void whatIsTheHostsStaysTheHosts(
            String cluster, String host, String kept, String routes, String skipped) {
        RoutePlan plan = plan(ranges(cluster), ranges(host), addresses(kept), true);
        assertThat(plan.routes()).containsExactlyElementsOf(ranges(routes));
        assertThat(plan.skipped())
                .extracting(RoutePlan.Skipped::range)
                .containsExactlyElementsOf(ranges(skipped));
    }

    @Test
    void aGapForTheApiServerIsExactlyOneAddress() {
        InetAddress server = InetAddress.ofLiteral("10.96.200.7");
        RoutePlan plan = plan(ranges("10.96.0.0/16"), List.of(), List.of(server, server), true);
        assertThat(plan.routes()).hasSize(16).noneMatch(route -> route.contains(server));
        long covered = plan.routes().stream().mapToLong(r -> 1L << (32 - r.prefixLength())).sum();
        assertThat(covered).isEqualTo(65535);
    }

    @Test
    void ipv6HasTheSameRules() {
        InetAddress server = InetAddress.ofLiteral("fd00:10:96::1");
        RoutePlan plan = plan(ranges("fd00:10:96::/112 ::/16"), List.of(), List.of(server), true);
        assertThat(plan.routes()).hasSize(16).noneMatch(route -> route.contains(server));
        assertThat(plan.skipped()).hasSize(2);
        assertThat(plan(ranges("fd00::/64"), List.of(), List.of(), false).routes()).isEmpty();
    }

    /**
     * Cluster, also, never, routes of the host, kept: which addresses the host sees as they are,
     * and which only by virtual ones.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.96.0.0/16 | '' | '' | '' | '' | 10.96.0.0 10.96.255.255 | 10.97.0.1 203.0.113.1",
                "10.96.0.0/16 | '' | '' | 10.0.0.0/8 | '' | '' | 10.96.0.1 10.97.0.1",
                "10.96.0.0/16 | '' | '' | 10.96.64.0/24 | '' | 10.96.65.1 | 10.96.64.1",
                "10.96.0.0/16 | '' | '' | 10.96.64.0/24 | 10.96.64.5 203.0.113.6 | 10.96.64.5 203.0.113.6 | 10.96.64.1",
                "10.96.0.0/16 | '' | 10.96.1.0/24 | '' | '' | 10.96.0.1 10.96.1.1 | ''",
                "10.96.0.0/16 | '' | 10.0.0.0/8 | 10.96.64.0/24 | '' | 10.96.0.1 10.1.1.1 | ''",
                "'' | 203.0.113.0/24 | 203.0.113.128/25 | '' | '' | 203.0.113.1 203.0.113.129 | 203.0.114.1",
                "'' | 10.9.1.0/24 | 10.9.0.0/16 | '' | '' | 10.9.1.1 10.9.2.1 | 10.8.0.1",
            })
    void anAddressIsSeenWhereItIsReachedByTheRightWay(
            String cluster,
            String also,
            String never,
            String host,
            String kept,
            String seen,
            String virtual) {
        RoutePlan plan =
                RoutePlan.of(
                        new RoutePlan.Wanted(ranges(cluster), ranges(also), ranges(never)),
                        new RoutePlan.Surroundings(ranges(host), addresses(kept), true));

        assertThat(addresses(seen)).allMatch(plan::isSeen);
        assertThat(addresses(virtual)).noneMatch(plan::isSeen);
    }

    /** What is asked for wins over a wider route of the host, and not over one as exact. */
    @ParameterizedTest
    @CsvSource({
        "10.9.0.0/16, 10.0.0.0/8, '', 10.9.0.0/16",
        "10.9.0.0/16, 10.9.0.0/16, '', ''",
        "10.9.0.0/16, 10.9.3.0/24, '', 10.9.0.0/16",
        "10.9.0.0/30, '', 10.9.0.2, 10.9.0.0/31 10.9.0.3/32",
        "10.9.0.0/30, '', 10.0.0.0/8, 10.9.0.0/30",
        "10.9.0.0/30, '', 10.9.0.0/30, ''",
    })
    void theMostSpecificWins(String also, String host, String never, String routes) {
        RoutePlan plan =
                RoutePlan.of(
                        new RoutePlan.Wanted(List.of(), ranges(also), ranges(never)),
                        new RoutePlan.Surroundings(ranges(host), List.of(), true));

        assertThat(plan.routes()).containsExactlyElementsOf(ranges(routes));
    }

    /** The reverse names of the other addresses are the host's. */
    @Test
    void whatIsTheHostsIsNotOurOwn() {
        RoutePlan plan = plan(ranges("10.96.0.0/16"), ranges("10.96.64.0/24"), List.of(), true);

        assertThat(plan.routes()).containsExactlyElementsOf(ranges("10.96.0.0/16"));
        assertThat(plan.own())
                .hasSize(8)
                .noneMatch(own -> own.overlaps(Cidr.parse("10.96.64.0/24")));
    }

    @Test
    void aHostWithoutIpv6NeedsNoVirtualAddressesForIt() {
        RoutePlan plan = plan(ranges("fd00:96::/64"), List.of(), List.of(), false);

        assertThat(plan.isSeen(InetAddress.ofLiteral("fd00:96::1"))).isTrue();
        assertThat(plan.isSeen(InetAddress.ofLiteral("2001:db8::1"))).isFalse();
    }
}
