package tp.sandbox.api;

/**
 * Who wanted to do what.
 *
 * @param resource with its subresource, empty for a path that is no object
 */
public record AuditEntry(
        String user,
        String verb,
        String group,
        String resource,
        String namespace,
        String name,
        String path,
        boolean allowed) {}
