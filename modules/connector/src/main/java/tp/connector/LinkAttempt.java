package tp.connector;

import java.io.IOException;
import java.time.Duration;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Transport;
import tp.spi.transport.WrongKeyException;
import tp.tunnel.ClientHello;

/**
 * One attempt to reach a manager over one transport.
 *
 * @param transport owned by the attempt, later by the link that it gives
 */
record LinkAttempt(Transport transport, ManagerInfo manager, LinkListener listener) {

    /** Many times the round trip of any path on which somebody would work. */
    private static final Duration PROOF = Duration.ofSeconds(4);

    /**
     * Blocks until the manager has welcomed us and answered that many heartbeats.
     *
     * @throws IOException where another transport may do better
     * @throws TpException with what the manager said, or where its key is another
     */
    OpenLink open(String id, SessionOpener opener, ClientHello hello, int proofs)
            throws IOException {
        boolean proven = false;
        try {
            ClusterSession session = opener.open(transport.open(), hello, manager.pin(), listener);
            prove(session, proofs);
            proven = true;
            return OpenLink.of(session, id, this, hello.mapping());
        } catch (TpException e) {
            if (e.category() == TpException.Category.TRANSIENT) {
                throw new IOException(e.getMessage(), e);
            }
            throw e;
        } catch (IOException e) {
            if (ServerPin.isWrongKey(e)) {
                throw WrongKeyException.told(e);
            }
            throw e;
        } finally {
            if (!proven) {
                OpenLink.end(transport, id);
            }
        }
    }

    private static void prove(ClusterSession session, int proofs) throws IOException {
        boolean proven = false;
        try {
            for (int i = 0; i < proofs; i++) {
                session.prove(PROOF);
            }
            proven = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            if (!proven) {
                session.close();
            }
        }
    }
}
