package tp.testkit.link;

/**
 * What became of the packets of one direction so far.
 *
 * @param offered that came to the link
 * @param delivered that left it, duplicates included
 * @param deliveredBytes in those, with their IP headers
 * @param lost by chance
 * @param ruled out by a rule
 * @param queueFull dropped at the tail of the line's queue
 * @param unreachable that came into a black hole or to a cut, or were under way at it
 * @param overflowed that the emulator itself had no room for: a test with such packets is no test
 * @param duplicated made twice
 * @param reordered held back
 */
public record Counters(
        long offered,
        long delivered,
        long deliveredBytes,
        long lost,
        long ruled,
        long queueFull,
        long unreachable,
        long overflowed,
        long duplicated,
        long reordered) {

    /** {@return packets that did not leave, nor will} */
    public long dropped() {
        return lost + ruled + queueFull + unreachable + overflowed;
    }
}
