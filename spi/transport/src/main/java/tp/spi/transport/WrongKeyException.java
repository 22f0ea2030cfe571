package tp.spi.transport;

import java.security.cert.CertificateException;
import tp.spi.common.TpException;

/** The peer's key is not the pinned one: somebody is in between, or the manager was replaced. */
public final class WrongKeyException extends CertificateException {

    private static final long serialVersionUID = 1L;

    public WrongKeyException() {
        super("the manager's key is not the one in tp-manager-info");
    }

    /** {@return what a person is told} */
    public static TpException told(Throwable cause) {
        return new TpException(
                TpException.Category.ENVIRONMENT,
                "the manager's key is not the one in ConfigMap tp-manager-info",
                "somebody may be in between, or the manager was replaced just now; try again",
                cause);
    }
}
