package tp.daemon;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tp.connector.ClusterSession;
import tp.connector.LinkState;
import tp.control.StatusReport;
import tp.dns.ResolverZones;
import tp.dns.VirtualAddresses;
import tp.spi.common.Cidr;
import tp.tunnel.FlowKeep;
import tp.tunnel.Traffic;
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

    static StatusReport.Traffic traffic(LinkState link, Optional<DataPlaneStatistics> plane) {
        FlowKeep.Statistics kept = link.kept();
        Traffic carried = kept.traffic();
        return new StatusReport.Traffic(
                link.openFlows(),
                plane.map(DataPlaneStatistics::heldSyns).orElse(0),
                plane.map(DataPlaneStatistics::dials).orElse(0),
                kept.retained(),
                new StatusReport.Carried(
                        carried.bytesSent(), carried.bytesReceived(), carried.datagramsDropped()),
                new StatusReport.LostLinks(
                        kept.waiting(), kept.resumed(), kept.lostToRestart(), kept.notKept()));
    }

    /** {@return the round trip of the last heartbeat, 0 before the first} */
    static long roundTripNs(Optional<ClusterSession> session) {
        return session.map(one -> one.statistics().roundTripNs()).orElse(0L);
    }

    static StatusReport.Link link(
            LinkState link, Optional<ClusterSession> session, Welcome granted) {
        long roundTripNs = roundTripNs(session);
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
                granted.noEcho(),
                link.direct().map(one -> new StatusReport.Agentless(one.cannot(), one.refused())));
    }
}
