package tp.daemon;

import java.util.List;
import tp.host.Host;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/**
 * Makes this host ask tp for the cluster's names, and follows the session when that has others. It
 * is the provider that knows what has to be changed; nothing is done where that is the same.
 */
final class ResolverSetup implements AutoCloseable {

    private final Host host;
    private final DnsProvider provider;
    private final ResolverEnvironment before;

    /** What was applied last; guarded by this, as is all below. */
    private List<HostChange> applied = List.of();

    private boolean begun;
    private boolean closed;

    /**
     * @param before the host's resolver before anything was changed
     */
    ResolverSetup(Host host, DnsProvider provider, ResolverEnvironment before) {
        this.host = host;
        this.provider = provider;
        this.before = before;
    }

    /** {@return notes for people: what does not work} */
    synchronized List<String> begin(ResolverSettings offer) {
        begun = true;
        return apply(offer);
    }

    /** Offers other domains; before the beginning and after the end nothing is changed. */
    synchronized List<String> follow(ResolverSettings offer) {
        return begun && !closed ? apply(offer) : List.of();
    }

    private List<String> apply(ResolverSettings offer) {
        List<HostChange> changes = provider.changes(before, offer);
        if (changes.equals(applied)) {
            return List.of();
        }
        applied = List.of(); // where this fails the helper has taken all back
        List<String> notes = host.apply(changes);
        applied = List.copyOf(changes);
        return notes;
    }

    /** Takes everything back. */
    @Override
    public synchronized void close() {
        closed = true;
        host.restore();
    }
}
