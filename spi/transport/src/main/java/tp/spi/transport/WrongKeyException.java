package tp.spi.transport;

import java.security.cert.CertificateException;

/** The peer's key is not the pinned one: somebody is in between, or the manager was replaced. */
public final class WrongKeyException extends CertificateException {

    private static final long serialVersionUID = 1L;

    WrongKeyException() {
        super("the manager's key is not the one in tp-manager-info");
    }
}
