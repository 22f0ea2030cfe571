/**
 * How bytes reach the manager. A plug-in implements {@link tp.spi.transport.TransportProvider} and
 * {@link tp.spi.transport.Transport} and moves bytes; encryption, authentication and multiplexing
 * are laid on top by the core. A transport that has streams of its own gives them as Netty's
 * channels (docs/adr/0008).
 */
@org.jspecify.annotations.NullMarked
module tp.spi.transport {
    requires static transitive org.jspecify;
    requires transitive io.netty.buffer;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires transitive tp.spi.common;
    requires io.netty.transport.classes.epoll;

    exports tp.spi.transport;
}
