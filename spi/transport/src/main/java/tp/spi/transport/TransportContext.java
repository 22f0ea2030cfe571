package tp.spi.transport;

/**
 * What a transport may use.
 *
 * @param cluster authenticated access to the cluster's API server
 * @param manager where the manager runs
 */
public record TransportContext(ClusterAccess cluster, ManagerLocation manager) {}
