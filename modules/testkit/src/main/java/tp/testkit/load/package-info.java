/**
 * Traffic whose treatment by a link is measured, from the laptop of a sandbox.
 *
 * <ul>
 *   <li>{@link tp.testkit.load.LoadMain} makes it: a program that runs in the laptop, so that no
 *       start of a process is measured. {@link tp.testkit.load.LaptopLoad} runs it there, and reads
 *       what it says.
 *   <li>{@link tp.testkit.load.Quantiles} and {@link tp.testkit.load.Spread} make figures of it:
 *       within one run, and over runs.
 * </ul>
 */
package tp.testkit.load;
