package tp.sandbox.store;

/** Whether a write is meant. */
public enum Write {
    STORED,
    /** Everything is checked and answered as if, nothing is kept. */
    DRY_RUN
}
