package tp.tunnel;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tp.spi.common.AddressText;

/**
 * Logs each kind of refusal once for each peer address, and forgets the oldest when there are many.
 */
final class RefusalLog {

    private static final System.Logger LOG = System.getLogger(RefusalLog.class.getName());
    private static final int REMEMBERED = 1024;

    private final Set<String> seen =
            Collections.newSetFromMap(
                    new LinkedHashMap<>() {
                        private static final long serialVersionUID = 1L;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                            return size() > REMEMBERED;
                        }
                    });

    void refused(SocketAddress peer, String reason) {
        String host =
                peer instanceof InetSocketAddress inet ? AddressText.of(inet.getAddress()) : "?";
        boolean first;
        synchronized (seen) {
            first = seen.add(host + " " + reason);
        }
        if (first) {
            LOG.log(System.Logger.Level.WARNING, "refused a session from {0}: {1}", host, reason);
        }
    }
}
