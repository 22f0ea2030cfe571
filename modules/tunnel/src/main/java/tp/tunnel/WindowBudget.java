package tp.tunnel;

/**
 * Shares a session's receive memory among its flows: a large window each while there is room, a
 * small one for every further flow. On the session's event loop only.
 */
final class WindowBudget {

    static final long SESSION_BYTES = 32L << 20;
    static final long LARGE_BYTES = 1 << 20;

    /**
     * Two reads of {@value Flow#READ_BYTES} bytes, so that a sender never waits for a partial one.
     */
    static final long SMALL_BYTES = 2L * Flow.READ_BYTES;

    private long taken;

    long take() {
        long window = taken + LARGE_BYTES <= SESSION_BYTES ? LARGE_BYTES : SMALL_BYTES;
        taken += window;
        return window;
    }

    /** For a flow that comes with a window of its own. */
    void take(long window) {
        taken += window;
    }

    void giveBack(long window) {
        taken -= window;
    }
}
