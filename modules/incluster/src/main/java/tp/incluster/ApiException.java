package tp.incluster;

import java.io.IOException;

/** The API server did not do what was asked. */
public final class ApiException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    ApiException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** {@return the HTTP status} */
    public int status() {
        return status;
    }

    /** {@return whether the resource is not there, or not for us: asking again soon is no use} */
    public boolean isDenied() {
        return status == 403 || status == 404;
    }
}
