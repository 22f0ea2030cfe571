package tp.kube;

import java.io.IOException;

/** The other end does not take that subprotocol. It may take another one. */
final class NotNegotiatedException extends IOException {

    private static final long serialVersionUID = 1;

    private final String subprotocol;

    NotNegotiatedException(String subprotocol, String message, Throwable cause) {
        super(message, cause);
        this.subprotocol = subprotocol;
    }

    String subprotocol() {
        return subprotocol;
    }
}
