package tp.daemon;

/**
 * When a change is over. Twice the same: nobody is in the middle of it, and what was restarted runs
 * again. For one thread.
 *
 * @param <T> what is looked at, by its value
 */
final class Settling<T> {

    /** Looks at each of which it was another again. */
    private static final int MAX_UNSETTLED = 6;

    private T known;
    private T last;
    private int unsettled;

    /**
     * @param first what is known and needs no action
     */
    Settling(T first) {
        known = first;
        last = first;
    }

    /**
     * {@return whether to act now, by what was looked at}
     *
     * @param anyway whether there is something to do also where it is what is known
     */
    boolean isOver(T now, boolean anyway) {
        if (!anyway && now.equals(known)) {
            last = now;
            unsettled = 0;
            return false;
        }
        boolean settled = now.equals(last);
        last = now;
        unsettled = settled ? 0 : unsettled + 1;
        if (!settled && unsettled < MAX_UNSETTLED) {
            return false;
        }
        known = now;
        return true;
    }
}
