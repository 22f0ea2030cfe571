/**
 * A link emulator in user space: packets of a TUN device come out of another one later, fewer, in
 * another order, or not at all.
 *
 * <ul>
 *   <li>{@link tp.testkit.link.LinkModel} is one direction of a link, in virtual time: no clock, no
 *       thread, the same seed does the same.
 *   <li>{@link tp.testkit.link.Conditions} say how bad it is, and may change while it runs.
 *   <li>{@link tp.testkit.link.Nat} stands at the near end and may forget its flows.
 *   <li>{@link tp.testkit.link.EmulatedLink} moves the packets of two devices through them, in real
 *       time. {@link tp.testkit.link.EmulatorMain} does so in a process of its own.
 * </ul>
 *
 * <p>How to use it is in {@code docs/testing.md}. Needs {@code tp.packet} and {@code tp.os}, which
 * the contract tests beside it do not.
 */
package tp.testkit.link;
