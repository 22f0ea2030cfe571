package tp.daemon;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tp.connector.LinkState;
import tp.connector.ManagerSession;
import tp.control.StatusReport;
import tp.dns.ResolverZones;
import tp.dns.VirtualAddresses;
import tp.spi.common.Cidr;
import tp.tunnel.Welcome;

/** Parts of a session's {@link StatusReport}, out of what the session is made of. */
final class StatusParts {

    private StatusParts() {}

    static List<StatusReport.Alias> aliases(ResolverZones now) {
        return now.namespaces().entrySet().stream()
                .filter(one -> !one.getKey().equals(one.getValue()))
                .map(one -> new StatusReport.Alias(one.getKey(), one.getValue()))
                .sorted(Comparator.comparing(StatusReport.Alias::name))
                .toList();
    }

    static StatusReport.Routes routes(String device, AddressPlan addresses) {
        RoutePlan plan = addresses.plan();
        VirtualAddresses table = addresses.virtual();
        return new StatusReport.Routes(
                device,
                texts(plan.routes()),
                plan.skipped().stream()
                        .map(one -> new StatusReport.Skipped(one.range().toString(), one.reason()))
                        .toList(),
                new StatusReport.Virtual(texts(table.ranges()), table.size(), table.refused()));
    }

    private static List<String> texts(Collection<Cidr> ranges) {
        return ranges.stream().map(Cidr::toString).toList();
    }

    static StatusReport.Traffic traffic(int openFlows, Optional<DataPlaneStatistics> plane) {
        return plane.map(now -> new StatusReport.Traffic(openFlows, now.heldSyns(), now.dials()))
                .orElse(StatusReport.Traffic.NONE);
    }

    static StatusReport.Link link(
            LinkState link, Optional<ManagerSession> session, Welcome granted) {
        long roundTripNs = session.map(one -> one.statistics().roundTripNs()).orElse(0L);
        return new StatusReport.Link(
                link.transport(),
                roundTripNs == 0 ? OptionalLong.empty() : OptionalLong.of(roundTripNs),
                granted.sessionId(),
                granted.managerVersion(),
                link.reconnects(),
                link.lastError(),
                link.transports().stream()
                        .map(
                                one ->
                                        new StatusReport.Transport(
                                                one.id(), one.verdict(), one.reason()))
                        .toList(),
                granted.noEcho());
    }
}
