package tp.sandbox.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.api.AuditEntry;

/**
 * Who asked the API server for what, as a file: a line of JSON for each request, in the form of
 * {@code audit.k8s.io/v1}. It and one older file are kept.
 */
final class AuditLog {

    private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());

    private static final int MAX_BYTES = 16 << 20;

    private final Path file;
    private OutputStream out;
    private int bytes;

    AuditLog(Path file) throws IOException {
        this.file = file;
        out = Files.newOutputStream(file);
    }

    synchronized void write(AuditEntry entry) {
        byte[] line = (event(entry) + "\n").getBytes(UTF_8);
        try {
            if (bytes + line.length > MAX_BYTES) {
                out.close();
                Files.move(
                        file,
                        file.resolveSibling(file.getFileName() + ".1"),
                        StandardCopyOption.REPLACE_EXISTING);
                out = Files.newOutputStream(file);
                bytes = 0;
            }
            out.write(line);
            bytes += line.length;
        } catch (IOException e) {
            // As a real server does: a request is served all the same.
            LOG.log(System.Logger.Level.WARNING, "no audit", e);
        }
    }

    private static ObjectNode event(AuditEntry entry) {
        ObjectNode event =
                Json.object()
                        .put("kind", "Event")
                        .put("apiVersion", "audit.k8s.io/v1")
                        .put("verb", entry.verb());
        event.putObject("user").put("username", entry.user());
        if (entry.resource().isEmpty()) {
            event.put("requestURI", entry.path());
        } else {
            String[] parts = entry.resource().split("/", 2);
            event.putObject("objectRef")
                    .put("apiGroup", entry.group())
                    .put("resource", parts[0])
                    .put("subresource", parts.length > 1 ? parts[1] : "")
                    .put("namespace", entry.namespace())
                    .put("name", entry.name());
        }
        event.putObject("annotations")
                .put("authorization.k8s.io/decision", entry.allowed() ? "allow" : "forbid");
        return event;
    }
}
