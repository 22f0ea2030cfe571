package tp.tunnel;

import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import tp.spi.common.AddressText;

/**
 * Counts refusals, and logs each kind once for each peer address in a while: who knocks a thousand
 * times fills no log, and who comes back tomorrow is seen again.
 */
final class RefusalLog {

    private static final System.Logger LOG = System.getLogger(RefusalLog.class.getName());
    private static final int REMEMBERED = 1024;
    private static final long QUIET_NS = TimeUnit.MINUTES.toNanos(10);
    private static final int MAX_REASON_CHARS = 300;

    private final LongSupplier nanoClock;
    private final LongAdder count = new LongAdder();

    /** When what was logged last; the oldest go when there are many. */
    private final Map<String, Long> logged =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > REMEMBERED;
                }
            };

    RefusalLog(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** {@return whether it was logged} */
    boolean refused(SocketAddress peer, String reason) {
        count.increment();
        String host =
                peer instanceof InetSocketAddress inet ? AddressText.of(inet.getAddress()) : "?";
        String line = printable(reason);
        boolean fresh;
        synchronized (logged) {
            long now = nanoClock.getAsLong();
            Long last = logged.get(host + " " + line);
            fresh = last == null || now - last >= QUIET_NS;
            if (fresh) {
                logged.put(host + " " + line, now);
            }
        }
        if (fresh) {
            LOG.log(System.Logger.Level.WARNING, "refused a session from {0}: {1}", host, line);
        }
        return fresh;
    }

    long count() {
        return count.sum();
    }

    /** A reason may quote what a stranger sent: it stays one short line. */
    private static String printable(String reason) {
        String line = reason.replaceAll("[^\\x20-\\x7e]", "?");
        return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS);
    }

    /** {@return what a link's error says of its peer; nothing where it just went away} */
    static Optional<String> reason(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof NotSslRecordException) {
                return Optional.of("it does not speak TLS");
            }
            if (cause instanceof SSLException) {
                return Optional.of("no TLS session: " + cause.getMessage());
            }
            if (cause instanceof Http2Exception) {
                return Optional.of("it does not speak HTTP/2 as RFC 9113 has it");
            }
        }
        return Optional.empty();
    }
}
