/**
 * The transport that needs nothing but the right to forward a port: one stream through the API
 * server to the manager's pod.
 *
 * @provides tp.spi.transport.TransportProvider {@code port-forward}
 */
@org.jspecify.annotations.NullMarked
module tp.transport.portforward {
    requires static transitive org.jspecify;
    requires tp.spi.transport;

    provides tp.spi.transport.TransportProvider with
            tp.transport.portforward.PortForwardProvider;
}
