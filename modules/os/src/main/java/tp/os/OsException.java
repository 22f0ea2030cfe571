package tp.os;

import java.io.IOException;

/** A system call failed. */
public final class OsException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Errno errno;

    OsException(String call, int number) {
        this(call, number, Errno.of(number));
    }

    private OsException(String call, int number, Errno errno) {
        super(
                call
                        + ": "
                        + (errno == Errno.OTHER ? "errno " + number : errno.name())
                        + " ("
                        + errno.meaning()
                        + ")");
        this.errno = errno;
    }

    /** {@return why it failed} */
    public Errno errno() {
        return errno;
    }
}
