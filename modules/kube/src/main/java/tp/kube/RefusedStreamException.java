package tp.kube;

import java.io.IOException;

/** The API server, or what is behind it, does not open a stream. */
final class RefusedStreamException extends IOException {

    private static final long serialVersionUID = 1;

    private final int status;

    RefusedStreamException(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** {@return the status of its answer, 0 where there was none} */
    int status() {
        return status;
    }
}
