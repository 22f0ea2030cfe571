package tp.metrics;

import java.net.SocketAddress;

/** Who may see the numbers. */
@FunctionalInterface
public interface MetricsGuard {

    /** What it says of a request. */
    enum Verdict {
        ALLOWED,
        /** The token is none, or nobody's. */
        UNKNOWN,
        /** Somebody known, who may not. */
        FORBIDDEN,
        /** Nobody can tell at this moment. */
        UNDECIDED
    }

    /** For a socket that nobody else can open. */
    MetricsGuard NONE = (peer, token) -> Verdict.ALLOWED;

    /**
     * {@return whether whoever shows that may see them} May block; on a virtual thread.
     *
     * @param peer from where it was asked
     * @param token of {@code Authorization: Bearer} (RFC 6750 §2.1), empty where there is none
     */
    Verdict ask(SocketAddress peer, String token);
}
