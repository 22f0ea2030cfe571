package tp.daemon;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tp.connector.LinkState;
import tp.control.Build;
import tp.dns.ResolverStatistics;
import tp.metrics.Exposition;
import tp.stack.Counter;
import tp.tunnel.FlowKeep;

/** A session's numbers as Prometheus reads them. */
final class DaemonMetrics {

    /**
     * What they are made of.
     *
     * @param roundTripNs of the last heartbeat, 0 before the first
     */
    record Numbers(
            LinkState link,
            long roundTripNs,
            DataPlaneStatistics plane,
            ResolverStatistics names) {}

    private final Exposition page = new Exposition();

    private DaemonMetrics() {}

    static String text(Numbers now) {
        DaemonMetrics metrics = new DaemonMetrics();
        metrics.link(now.link(), now.roundTripNs());
        metrics.flows(now);
        metrics.drops(now);
        metrics.names(now.names());
        return metrics.page.text();
    }

    private void link(LinkState link, long roundTripNs) {
        page.gauges(
                        "tp_build_info",
                        "Always 1; the version of tp.",
                        "version",
                        Map.of(Build.version(), 1L))
                .gauges(
                        "tp_link_up",
                        "Whether there is a link to the manager, by the transport in use, or last.",
                        "transport",
                        Map.of(link.transport(), link.up() ? 1L : 0L))
                .counter(
                        "tp_link_reconnects_total",
                        "Links that took a lost one's place.",
                        link.reconnects());
        if (roundTripNs > 0) {
            page.gauge(
                    "tp_link_round_trip_seconds",
                    "Round trip of the last heartbeat.",
                    roundTripNs / 1e9);
        }
    }

    private void flows(Numbers now) {
        FlowKeep.Statistics kept = now.link().kept();
        DataPlaneStatistics plane = now.plane();
        page.gauge("tp_flows", "Open flows of TCP, UDP and echoes.", now.link().openFlows())
                .gauge("tp_waiting_flows", "TCP flows that wait for a link.", kept.waiting())
                .gauge(
                        "tp_held_syns",
                        "Connects whose outcome is not known, or is silence.",
                        plane.heldSyns())
                .gauge("tp_dials", "Connects that the manager is asked to make.", plane.dials())
                .gauge(
                        "tp_retained_bytes",
                        "Sent by applications and not acknowledged by the manager.",
                        kept.retained())
                .counter(
                        "tp_resumed_flows_total",
                        "How often a flow went on over another link.",
                        kept.resumed())
                .counters(
                        "tp_lost_flows_total",
                        "Flows that were reset after their link was lost.",
                        "reason",
                        Map.of(
                                "manager_restarted", kept.lostToRestart(),
                                "not_kept", kept.notKept()))
                .counters(
                        "tp_bytes_total",
                        "Payload, seen from this machine.",
                        "direction",
                        Map.of(
                                "sent", kept.traffic().bytesSent(),
                                "received", kept.traffic().bytesReceived()));
    }

    private void drops(Numbers now) {
        DataPlaneStatistics plane = now.plane();
        Map<String, Long> drops = new LinkedHashMap<>();
        drops.put("tunnel_full", now.link().kept().traffic().datagramsDropped());
        drops.put("device_behind", plane.answersDropped());
        drops.put("dns_full", plane.dnsDropped());
        drops.put("too_many_datagram_flows", plane.datagramFlowsEvicted());
        drops.put("strangers", plane.strangers());
        drops.put("accept_failed", plane.acceptFailures());
        page.counters("tp_drops_total", "What did not go through, by reason.", "reason", drops);
        Map<String, Long> packets = new LinkedHashMap<>();
        for (Counter counter : Counter.values()) {
            packets.put(
                    counter.name().toLowerCase(Locale.ROOT),
                    plane.packets().getOrDefault(counter, 0L));
        }
        page.counters("tp_packets_total", "What became of packets of the device.", "event", packets)
                .counter("tp_packet_loop_failures_total", "Bugs met.", plane.failures());
    }

    private void names(ResolverStatistics names) {
        Map<String, Long> outcomes = new LinkedHashMap<>();
        outcomes.put("cached", names.cached());
        outcomes.put("asked_cluster", names.asked());
        outcomes.put("forwarded_to_host", names.forwarded());
        outcomes.put("refused", names.refused());
        outcomes.put("failed", names.failed());
        outcomes.put("malformed", names.malformed());
        page.counter("tp_dns_questions_total", "Questions that came.", names.queries())
                .counters(
                        "tp_dns_outcomes_total",
                        "What became of questions; one that failed was asked before.",
                        "outcome",
                        outcomes);
    }
}
