/**
 * The transport extension point. What a plug-in may rely on, and must keep:
 *
 * <ol>
 *   <li>The core calls the provider's constructor and {@code id()} at any time; both are free of
 *       side effects.
 *   <li>{@code assess} returns within one second, changes nothing, and may be called from any
 *       thread.
 *   <li>{@code create} allocates no resource; resources begin in {@link
 *       tp.spi.transport.Transport#open()} and end when the link it returned, or the transport, is
 *       closed.
 *   <li>{@code open} is called on a thread that may block. Each call gives a new link whose other
 *       end is the manager: a {@link tp.spi.transport.ByteLink} or {@link
 *       tp.spi.transport.ChannelLink} ends at its session port, or where a {@link
 *       tp.spi.transport.ListenerProvider} of the same kind took it.
 *   <li>One thread reads a {@code ByteChannel} while another writes it; never two readers or two
 *       writers. {@code read} and {@code write} block; a blocked call ends with an exception when
 *       another thread closes the channel.
 *   <li>Buffers passed to {@code read} and {@code write} are borrowed for the call.
 *   <li>A blocked {@code write} is the transport's back-pressure: nothing is queued without bound.
 *   <li>A transport carries bytes and trusts nobody: TLS to the manager, pinned to its key, runs
 *       inside. Only a {@link tp.spi.transport.StreamLink} does so itself, by the {@link
 *       tp.spi.transport.ServerPin} of its context. A transport never sees a credential beyond what
 *       its context holds.
 * </ol>
 */
package tp.spi.transport;
