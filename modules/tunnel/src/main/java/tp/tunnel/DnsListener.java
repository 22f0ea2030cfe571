package tp.tunnel;

import java.nio.ByteBuffer;

/** Told once how a question to the cluster's DNS ended, on the session's event loop. */
public interface DnsListener {

    /** The cluster's answer, to be kept by the listener. */
    void answered(ByteBuffer message);

    /** No answer: the tunnel is down, full or slow. Never means that a name does not exist. */
    void failed();

    /** The session has ended or is left; another one may be asked. */
    default void lost() {
        failed();
    }
}
