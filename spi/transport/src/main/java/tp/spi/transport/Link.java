package tp.spi.transport;

/**
 * A connection to the manager, in the shape that the transport has by nature. The two byte links
 * are laid with TLS and HTTP/2 by the core; a {@link StreamLink} has streams and encryption of its
 * own. Owned by whoever got it.
 */
public sealed interface Link permits ByteLink, ChannelLink, StreamLink {}
