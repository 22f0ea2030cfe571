package tp.spi.common;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a person is told of: what failed and why, and what to do next, in one line. The
 * message and the next step never hold a secret.
 */
public final class TpException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Who can do something about a failure. */
    public enum Category {
        /** The call was wrong (exit code 2). */
        USAGE,
        /** The machine, the cluster or the user's rights do not allow it. */
        ENVIRONMENT,
        /** Trying again may help. */
        TRANSIENT,
        /** tp itself is wrong. */
        BUG
    }

    private final Category category;
    private final String nextStep;

    /**
     * @param what what failed and why, without a full stop
     * @param nextStep what the reader can do, empty if there is nothing to do
     */
    public TpException(Category category, String what, String nextStep, @Nullable Throwable cause) {
        super(what, cause);
        this.category = category;
        this.nextStep = nextStep;
    }

    public TpException(Category category, String what, String nextStep) {
        this(category, what, nextStep, null);
    }

    public static TpException usage(String what, String nextStep) {
        return new TpException(Category.USAGE, what, nextStep);
    }

    public static TpException environment(String what, String nextStep) {
        return new TpException(Category.ENVIRONMENT, what, nextStep);
    }

    public Category category() {
        return category;
    }

    public String nextStep() {
        return nextStep;
    }

    /** {@return the one line that a person sees} */
    public String line() {
        return nextStep.isEmpty() ? what() : what() + "; " + nextStep;
    }

    private String what() {
        String message = getMessage();
        return message == null ? category.name() : message;
    }
}
