package tp.connector;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Proves anew who this is, long before the last token of a link ends. */
final class TokenRenewal {

    private static final System.Logger LOG = System.getLogger(TokenRenewal.class.getName());

    /** A token lives for 600 s; half of that leaves room for an API server that is away. */
    static final long FIRST_NS = TimeUnit.SECONDS.toNanos(300);

    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(15);

    private TokenRenewal() {}

    /** {@return how long to wait before the next time} */
    static long renew(List<OpenLink> links, Cluster cluster) {
        long waitNs = FIRST_NS;
        for (OpenLink link : links) {
            try {
                link.session().renew(cluster.clientToken(link.manager()));
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "no new token: {0}", e.getMessage());
                waitNs = RETRY_NS;
            }
        }
        return waitNs;
    }
}
