/**
 * The transport extension point. What a plug-in may rely on, and must keep:
 *
 * <ol>
 *   <li>The core calls the provider's constructor and {@code id()} at any time; both are free of
 *       side effects.
 *   <li>{@code assess} returns within one second, changes nothing, and may be called from any
 *       thread.
 *   <li>{@code create} allocates no resource; resources begin in {@link
 *       tp.spi.transport.Transport#open()} and end when the channel it returned, or the transport,
 *       is closed.
 *   <li>{@code open} is called on a thread that may block. Each call gives a new byte stream whose
 *       other end is the manager's listening port.
 *   <li>One thread reads a channel while another writes it; never two readers or two writers.
 *       {@code read} and {@code write} block; a blocked call ends with an exception when another
 *       thread closes the channel.
 *   <li>Buffers passed to {@code read} and {@code write} are borrowed for the call.
 *   <li>A blocked {@code write} is the transport's back-pressure: nothing is queued without bound.
 *   <li>A transport carries bytes and trusts nobody: TLS to the manager, pinned to its key, runs
 *       inside. A transport never sees a credential beyond what its context holds.
 * </ol>
 */
package tp.spi.transport;
