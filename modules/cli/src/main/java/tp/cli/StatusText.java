package tp.cli;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import tp.control.StatusReport;

/** A status report for people. */
final class StatusText {

    private final StringBuilder text = new StringBuilder();
    private final Look look;

    private StatusText(Look look) {
        this.look = look;
    }

    static String render(StatusReport report, Look look) {
        StatusText page = new StatusText(look);
        page.rootDaemon(report);
        page.userDaemon(report);
        return page.text.toString();
    }

    private void rootDaemon(StatusReport report) {
        daemon("Root daemon", report.rootDaemon());
        if (!report.rootDaemon().running()) {
            return;
        }
        line("Device", report.routes().device());
        String strategy = report.dns().strategy();
        line("DNS", (strategy.isEmpty() ? "none" : strategy) + ", server " + report.dns().server());
        line("DNS domains", joined(report.dns().domains()));
        if (!report.dns().error().isEmpty()) {
            line("DNS trouble", look.paint(Look.Colour.BAD, report.dns().error()));
        }
        for (StatusReport.Strategy one : report.dns().considered()) {
            if (!one.id().equals(strategy)) {
                line("Not by " + one.id(), one.verdict() + ": " + one.reason());
            } else if (!one.reason().isEmpty()) {
                line("DNS note", one.reason());
            }
        }
        line("Subnets", joined(report.routes().subnets()));
        for (StatusReport.Skipped skipped : report.routes().skipped()) {
            line("Not routed", skipped.subnet() + ": " + skipped.reason());
        }
        StatusReport.Virtual virtual = report.routes().virtual();
        if (virtual.given() > 0) {
            line("Virtual", virtual.given() + " addresses of " + joined(virtual.subnets()));
        }
        if (virtual.refused() > 0) {
            String often = virtual.refused() + " times there was no virtual address left";
            line("Virtual trouble", look.paint(Look.Colour.BAD, often));
        }
    }

    private void userDaemon(StatusReport report) {
        daemon("User daemon", report.userDaemon());
        if (!report.userDaemon().running()) {
            return;
        }
        line("Status", look.paint(colour(report.state()), words(report.state())));
        if (report.state() == StatusReport.SessionState.NOT_CONNECTED
                || report.state() == StatusReport.SessionState.CONNECTING) {
            line("Proxy", "OFF");
            return;
        }
        StatusReport.Link link = report.link();
        line("Kubernetes server", report.cluster().server());
        line("Kubernetes context", report.cluster().context());
        line(
                "Namespace",
                report.cluster().namespace().isEmpty()
                        ? "none, names need theirs"
                        : report.cluster().namespace());
        line("Mapped namespaces", joined(report.cluster().mappedNamespaces()));
        for (StatusReport.Alias alias : report.cluster().aliases()) {
            line("In the cluster", alias.name() + " is " + alias.namespace());
        }
        manager(link);
        line("Transport", link.transport() + roundTrip(link.roundTripNs()));
        for (StatusReport.Transport other : link.transports()) {
            if (!other.id().equals(link.transport())) {
                line("Not by " + other.id(), other.verdict() + ": " + other.reason());
            }
        }
        if (!link.noPing().isEmpty()) {
            line("Ping", "not answered: " + link.noPing());
        }
        link.lastError()
                .ifPresent(
                        error ->
                                line(
                                        report.state() == StatusReport.SessionState.CONNECTED
                                                ? "Was lost"
                                                : "No link",
                                        error
                                                + " (reconnected so far: "
                                                + link.reconnects()
                                                + ")"));
        flows(report.traffic());
        line("Proxy", "ON (networking to the cluster is enabled)");
        line("Intercepts", report.intercepts().size() + " total");
        for (StatusReport.Intercept one : report.intercepts()) {
            line("Intercept", one.name() + ", namespace " + one.namespace());
        }
    }

    private void flows(StatusReport.Traffic traffic) {
        StatusReport.LostLinks lost = traffic.lostLinks();
        line(
                "Flows",
                traffic.openFlows()
                        + " open"
                        + (lost.waiting() > 0
                                ? ", " + lost.waiting() + " of them waiting for a link"
                                : ""));
        if (lost.resumed() > 0) {
            line("Went on", lost.resumed() + " times a flow, after its link was lost or left");
        }
        if (lost.managerRestarted() > 0) {
            reset(lost.managerRestarted(), "the manager was restarted");
        }
        if (lost.notKept() > 0) {
            reset(lost.notKept(), "the manager kept them no longer");
        }
    }

    private void reset(long flows, String why) {
        line("Reset flows", look.paint(Look.Colour.CARE, flows + ", because " + why));
    }

    private void manager(StatusReport.Link link) {
        if (link.agentless().isEmpty()) {
            line("Manager", link.managerVersion() + ", session " + link.sessionId());
            return;
        }
        line("Manager", "none (agentless), by port-forward to pods");
        line("Cannot", String.join("; ", link.agentless().get().cannot()));
        link.agentless().get().refused().forEach(one -> line("Refused", one));
    }

    private void daemon(String name, StatusReport.DaemonState daemon) {
        text.append(name)
                .append(": ")
                .append(
                        daemon.running()
                                ? look.paint(Look.Colour.GOOD, "Running")
                                : look.paint(Look.Colour.FAINT, "Not running"))
                .append('\n');
        if (daemon.running()) {
            daemon.pid().ifPresent(pid -> line("PID", Long.toString(pid)));
            line("Version", daemon.version());
        }
    }

    private void line(String name, String value) {
        text.append(String.format(Locale.ROOT, "  %-18s: %s%n", name, value));
    }

    static String words(StatusReport.SessionState state) {
        return switch (state) {
            case NOT_CONNECTED -> "Not connected";
            case CONNECTING -> "Connecting";
            case CONNECTED -> "Connected";
            case RECONNECTING -> "Reconnecting";
        };
    }

    private static Look.Colour colour(StatusReport.SessionState state) {
        return switch (state) {
            case NOT_CONNECTED -> Look.Colour.FAINT;
            case CONNECTED -> Look.Colour.GOOD;
            case CONNECTING, RECONNECTING -> Look.Colour.CARE;
        };
    }

    private static String roundTrip(OptionalLong ns) {
        return ns.isEmpty()
                ? ""
                : String.format(Locale.ROOT, " (round trip %.1f ms)", ns.getAsLong() / 1e6);
    }

    private static String joined(List<String> values) {
        return values.isEmpty() ? "none" : String.join(", ", values);
    }
}
