/**
 * How bytes reach the manager. A plug-in implements {@link tp.spi.transport.TransportProvider} and
 * {@link tp.spi.transport.Transport} and moves bytes; encryption, authentication and multiplexing
 * are laid on top by the core.
 */
@org.jspecify.annotations.NullMarked
module tp.spi.transport {
    requires static transitive org.jspecify;
    requires transitive tp.spi.common;

    exports tp.spi.transport;
}
