package tp.spi.transport;

import io.netty.channel.Channel;

/**
 * One ordered byte stream as a Netty channel, for transports that are made of Netty anyway and want
 * no thread in between.
 *
 * @param bytes active, registered with the loops of the context; the messages at the end of its
 *     pipeline are {@link io.netty.buffer.ByteBuf}s both ways. It has automatic reading off until
 *     the core, which adds its handlers last, turns it on.
 */
public record ChannelLink(Channel bytes) implements Link {}
