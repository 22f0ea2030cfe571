package tp.cli;

import java.util.List;
import java.util.Locale;
import tp.control.StatusReport;

/** A status report for programs. */
final class StatusDocument {

    private StatusDocument() {}

    static Document of(StatusReport report) {
        StatusReport.Cluster cluster = report.cluster();
        return new Document()
                .put("status", report.state().name().toLowerCase(Locale.ROOT))
                .put("proxy", proxies(report) ? "on" : "off")
                .put("root_daemon", daemon(report.rootDaemon()))
                .put("user_daemon", daemon(report.userDaemon()))
                .put("kubernetes_server", cluster.server())
                .put("kubernetes_context", cluster.context())
                .put("namespace", cluster.namespace())
                .put("mapped_namespaces", cluster.mappedNamespaces())
                .put("aliases", cluster.aliases().stream().map(StatusDocument::alias).toList())
                .put("dns", dns(report.dns()))
                .put("device", report.routes().device())
                .put("subnets", report.routes().subnets())
                .put(
                        "skipped_subnets",
                        report.routes().skipped().stream().map(StatusDocument::skipped).toList())
                .put("virtual_addresses", virtual(report.routes().virtual()))
                .put("transport", transport(report.link()))
                .put("manager", manager(report))
                .put("ping", ping(report))
                .put("agentless", agentless(report.link()))
                .put("counters", counters(report.traffic()))
                .put(
                        "intercepts",
                        new Document()
                                .put("total", report.intercepts().size())
                                .put("list", ListCommand.documents(report)));
    }

    private static boolean proxies(StatusReport report) {
        return switch (report.state()) {
            case CONNECTED, RECONNECTING -> true;
            case NOT_CONNECTED, CONNECTING -> false;
        };
    }

    static Document daemon(StatusReport.DaemonState daemon) {
        return new Document()
                .put("running", daemon.running())
                .put("pid", daemon.pid().isPresent() ? daemon.pid().getAsLong() : null)
                .put("version", daemon.version());
    }

    static Document manager(StatusReport report) {
        return new Document().put("version", report.link().managerVersion());
    }

    private static Document alias(StatusReport.Alias alias) {
        return new Document().put("name", alias.name()).put("namespace", alias.namespace());
    }

    private static Document ping(StatusReport report) {
        String reason = report.link().noPing();
        return new Document()
                .put("answered", proxies(report) && reason.isEmpty())
                .put("reason", reason);
    }

    private static Document agentless(StatusReport.Link link) {
        return new Document()
                .put("active", link.agentless().isPresent())
                .put(
                        "cannot",
                        link.agentless().map(StatusReport.Agentless::cannot).orElse(List.of()))
                .put(
                        "refused",
                        link.agentless().map(StatusReport.Agentless::refused).orElse(List.of()));
    }

    private static Document dns(StatusReport.Dns dns) {
        return new Document()
                .put("strategy", dns.strategy())
                .put("server", dns.server())
                .put("domains", dns.domains())
                .put("search", dns.search())
                .put("error", dns.error())
                .put("considered", dns.considered().stream().map(StatusDocument::of).toList());
    }

    private static Document of(StatusReport.Strategy one) {
        return new Document()
                .put("id", one.id())
                .put("verdict", one.verdict())
                .put("reason", one.reason());
    }

    private static Document skipped(StatusReport.Skipped skipped) {
        return new Document().put("subnet", skipped.subnet()).put("reason", skipped.reason());
    }

    private static Document virtual(StatusReport.Virtual virtual) {
        return new Document()
                .put("subnets", virtual.subnets())
                .put("given", virtual.given())
                .put("refused", virtual.refused());
    }

    private static Document transport(StatusReport.Link link) {
        return new Document()
                .put("id", link.transport())
                .put(
                        "round_trip_ms",
                        link.roundTripNs().isPresent()
                                ? (Double) (link.roundTripNs().getAsLong() / 1e6)
                                : null)
                .put("session_id", link.sessionId())
                .put("reconnects", link.reconnects())
                .put("last_error", link.lastError().orElse(""))
                .put("considered", link.transports().stream().map(StatusDocument::of).toList());
    }

    private static Document of(StatusReport.Transport one) {
        return new Document()
                .put("id", one.id())
                .put("verdict", one.verdict())
                .put("reason", one.reason());
    }

    private static Document counters(StatusReport.Traffic traffic) {
        return new Document()
                .put("open_flows", traffic.openFlows())
                .put("held_syns", traffic.heldSyns())
                .put("dials", traffic.dials())
                .put("waiting_flows", traffic.lostLinks().waiting())
                .put("resumed_flows", traffic.lostLinks().resumed())
                .put(
                        "lost_flows",
                        new Document()
                                .put("manager_restarted", traffic.lostLinks().managerRestarted())
                                .put("not_kept", traffic.lostLinks().notKept()))
                .put("retained_bytes", traffic.retained())
                .put("sent_bytes", traffic.carried().sent())
                .put("received_bytes", traffic.carried().received())
                .put("dropped_datagrams", traffic.carried().datagramsDropped());
    }
}
