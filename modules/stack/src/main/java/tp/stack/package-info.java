/**
 * {@link tp.stack.Stack} is the way in. One thread owns a stack and calls everything on it; events
 * come on that thread, during a call.
 *
 * <p>The way of a TCP connection: SYN from S:sp to D:dp → held, {@code dial} → outcome.
 * Established: the SYN goes on as alias:slotPort → listener, {@code admitted}; from then on
 *
 * <pre>
 *   application  S:sp → D:dp          becomes  alias:slotPort → listener
 *   listener     → alias:slotPort     becomes  D:dp → S:sp
 * </pre>
 *
 * and the two kernel sockets speak to each other: FIN, RST, windows and retransmission are theirs.
 *
 * <p>An echo request is told with its identifier as the flow's source port; the reply that is sent
 * for it has the application's own identifier. The stack never answers one by itself.
 *
 * <p>Fragments: those of UDP and ICMP are put together before anybody looks into them, and an
 * answer that is longer than the device's MTU goes out in fragments. Those of TCP are dropped, a
 * SYN's included: the kernel cuts segments to the MTU itself, so that nobody honest sends them.
 */
package tp.stack;
