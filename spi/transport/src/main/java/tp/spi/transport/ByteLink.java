package tp.spi.transport;

import java.nio.channels.ByteChannel;

/**
 * One ordered byte stream as a blocking channel: all that a simple plug-in needs.
 *
 * @param bytes whose {@code read} returns -1 only after an orderly end; guarantees 5 to 7 of the
 *     package
 */
public record ByteLink(ByteChannel bytes) implements Link {}
