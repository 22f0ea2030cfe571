package tp.control;

/**
 * What came of trying one thing that tp needs.
 *
 * @param name of what was tried, lower case, such as {@code device}
 * @param what was seen, or why it failed, one line
 * @param nextStep what to do about it, empty where there is nothing to do
 */
public record Finding(String name, Verdict verdict, String what, String nextStep) {

    /** In the order of how much a person has to care. */
    public enum Verdict {
        WORKS,

        /** Not tried, since it needs something that failed, or would disturb a session. */
        SKIPPED,

        /** tp works without it, or with less. */
        CARE,

        FAILS
    }
}
