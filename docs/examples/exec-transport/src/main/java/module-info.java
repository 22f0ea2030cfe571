/**
 * A transport that is a command: whatever has the manager's port at its standard input and output.
 *
 * @provides tp.spi.transport.TransportProvider {@code exec}
 */
@org.jspecify.annotations.NullMarked
module com.example.tp.exec {
    requires static org.jspecify;
    requires tp.spi.transport;

    provides tp.spi.transport.TransportProvider with
            com.example.tp.exec.ExecProvider;
}
