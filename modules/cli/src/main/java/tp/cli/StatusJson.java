package tp.cli;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tp.control.StatusReport;

/** A status report for programs. The keys are a promise: docs/status.md. */
final class StatusJson {

    private final JsonGenerator json;

    private StatusJson(JsonGenerator json) {
        this.json = json;
    }

    static String render(StatusReport report) {
        StringWriter text = new StringWriter();
        JsonFactory factory =
                JsonFactory.builder().enable(StreamWriteFeature.AUTO_CLOSE_CONTENT).build();
        try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), text)) {
            new StatusJson(json).report(report);
        }
        return text.toString();
    }

    private void report(StatusReport report) {
        json.writeStartObject();
        json.writeStringProperty("status", report.state().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("proxy", proxies(report) ? "on" : "off");
        daemon("root_daemon", report.rootDaemon());
        daemon("user_daemon", report.userDaemon());
        StatusReport.Cluster cluster = report.cluster();
        json.writeStringProperty("kubernetes_server", cluster.server());
        json.writeStringProperty("kubernetes_context", cluster.context());
        json.writeStringProperty("namespace", cluster.namespace());
        strings("mapped_namespaces", cluster.mappedNamespaces());
        dns(report.dns());
        json.writeStringProperty("device", report.routes().device());
        strings("subnets", report.routes().subnets());
        json.writeArrayPropertyStart("skipped_subnets");
        for (StatusReport.Skipped skipped : report.routes().skipped()) {
            json.writeStartObject();
            json.writeStringProperty("subnet", skipped.subnet());
            json.writeStringProperty("reason", skipped.reason());
            json.writeEndObject();
        }
        json.writeEndArray();
        link(report.link());
        json.writeObjectPropertyStart("counters");
        json.writeNumberProperty("open_flows", report.traffic().openFlows());
        json.writeNumberProperty("held_syns", report.traffic().heldSyns());
        json.writeNumberProperty("dials", report.traffic().dials());
        json.writeEndObject();
        json.writeObjectPropertyStart("intercepts");
        json.writeNumberProperty("total", report.intercepts());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static boolean proxies(StatusReport report) {
        return switch (report.state()) {
            case CONNECTED, RECONNECTING -> true;
            case NOT_CONNECTED, CONNECTING -> false;
        };
    }

    private void daemon(String name, StatusReport.DaemonState daemon) {
        json.writeObjectPropertyStart(name);
        json.writeBooleanProperty("running", daemon.running());
        if (daemon.pid().isPresent()) {
            json.writeNumberProperty("pid", daemon.pid().getAsLong());
        } else {
            json.writeNullProperty("pid");
        }
        json.writeStringProperty("version", daemon.version());
        json.writeEndObject();
    }

    private void dns(StatusReport.Dns dns) {
        json.writeObjectPropertyStart("dns");
        json.writeStringProperty("strategy", dns.strategy());
        json.writeStringProperty("server", dns.server());
        strings("domains", dns.domains());
        json.writeStringProperty("error", dns.error());
        json.writeEndObject();
    }

    private void link(StatusReport.Link link) {
        json.writeObjectPropertyStart("transport");
        json.writeStringProperty("id", link.transport());
        if (link.roundTripNs().isPresent()) {
            json.writeNumberProperty("round_trip_ms", link.roundTripNs().getAsLong() / 1e6);
        } else {
            json.writeNullProperty("round_trip_ms");
        }
        json.writeStringProperty("session_id", link.sessionId());
        json.writeNumberProperty("reconnects", link.reconnects());
        json.writeStringProperty("last_error", link.lastError().orElse(""));
        json.writeEndObject();
        json.writeObjectPropertyStart("manager");
        json.writeStringProperty("version", link.managerVersion());
        json.writeEndObject();
    }

    private void strings(String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }
}
