package tp.stack;

/** What became of a packet. */
public enum Verdict {
    /** Rewritten in place: the caller writes it back to the device. */
    WRITE_BACK,
    /** Taken: held, answered, or told as an event. */
    CONSUMED,
    /** Not wanted, and counted. */
    DROPPED
}
