package tp.spi.transport;

/**
 * A port of the manager's pod.
 *
 * @param name of the port in pod and Service, at most 15 characters (RFC 6335 §5.1)
 * @param number its usual number
 * @param udp whether it is of UDP, else of TCP
 */
public record ListenerPort(String name, int number, boolean udp) {}
