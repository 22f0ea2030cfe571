package tp.tunnel;

/** Bytes that are no message. Without a stack trace: an enemy may send many of them. */
final class WireException extends Exception {

    private static final long serialVersionUID = 1L;

    WireException(String what) {
        super(what, null, false, false);
    }
}
