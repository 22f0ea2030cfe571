package tp.spi.transport;

/**
 * Where the manager runs in the cluster.
 *
 * @param namespace the namespace of its pod
 * @param pod the name of a ready pod
 * @param port the port, in that pod, on which it takes sessions over TLS
 */
public record ManagerLocation(String namespace, String pod, int port) {}
