package tp.sandbox.node;

/** A container cannot be started now. */
final class NotStartedException extends Exception {

    private static final long serialVersionUID = 1;

    private final String reason;

    /**
     * @param reason as the container's status shows it, for example {@code ErrImagePull}
     */
    NotStartedException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
