package tp.incluster;

/**
 * Where a port of the manager's pods can be reached from outside the cluster's network.
 *
 * @param name the port's name in the Service or pod
 * @param host a host name or address literal
 */
public record ExposedPort(Way way, String name, String host, int port) {

    /** By what it is exposed, best first. */
    public enum Way {
        LOAD_BALANCER,
        HOST_PORT,
        NODE_PORT
    }
}
