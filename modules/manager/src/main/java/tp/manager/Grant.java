package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.tunnel.DialOutcome;
import tp.tunnel.EchoTarget;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionControl;
import tp.tunnel.SessionGrant;
import tp.tunnel.Welcome;

/** What one client may do, from its welcome to its end. */
final class Grant implements SessionGrant {

    private static final System.Logger LOG = System.getLogger(Grant.class.getName());

    /** Clocks differ, and a fresh token may be on its way. */
    private static final Duration LEEWAY = Duration.ofSeconds(30);

    /** Each is a socket. */
    static final int MAX_ECHOES = 256;

    private static final SocketAddress NO_PEER = InetSocketAddress.createUnresolved("renewal", 0);

    private final AtomicInteger echoes = new AtomicInteger();
    private final PeerLimit limit = new PeerLimit(System::nanoTime);

    private final String id;
    private final Sessions sessions;
    private final MappingRequest mapping;

    /** Held while the API server is asked: verdicts come in the order of the questions. */
    private final Object reviewing = new Object();

    private volatile Admissions.Verdict.Good token;
    private volatile Set<String> granted;
    private volatile @Nullable SessionControl control;
    private volatile @Nullable Welcome told;

    /** Namespaces that the API server was asked about; guarded by reviewing. */
    private Set<String> asked;

    Grant(
            String id,
            Sessions sessions,
            MappingRequest mapping,
            Admissions.Verdict.Good token,
            Set<String> asked,
            Set<String> granted) {
        this.id = id;
        this.sessions = sessions;
        this.mapping = mapping;
        this.token = token;
        this.asked = Set.copyOf(asked);
        this.granted = Set.copyOf(granted);
    }

    String id() {
        return id;
    }

    @Override
    public Welcome welcome() {
        Welcome welcome = sessions.welcome(id, granted);
        told = welcome;
        return welcome;
    }

    @Override
    public void opened(SessionControl means) {
        control = means;
    }

    @Override
    public DialOutcome mayReach(InetAddress address, int port) {
        return sessions.reach().decide(address, granted);
    }

    @Override
    public EchoTarget openEcho(InetAddress target, EchoTarget.Ears ears) throws IOException {
        if (echoes.incrementAndGet() > MAX_ECHOES) {
            echoes.decrementAndGet();
            throw new IOException("too many targets are asked for echoes");
        }
        try {
            return new Counted(sessions.pings().open(target, ears), echoes);
        } catch (IOException e) {
            echoes.decrementAndGet();
            throw e;
        }
    }

    /** Closed once, by its flow. */
    private record Counted(EchoTarget target, AtomicInteger open) implements EchoTarget {
        @Override
        public void ask(ByteBuffer echoed) {
            target.ask(echoed);
        }

        @Override
        public void close() {
            target.close();
            open.decrementAndGet();
        }
    }

    @Override
    public void answer(byte[] query, boolean tcp, Consumer<byte[]> reply) {
        sessions.names().answer(query, tcp, granted, reply);
    }

    @Override
    public Optional<String> renew(String fresh) {
        if (!limit.admits(InetAddress.getLoopbackAddress())) {
            return Optional.of("fresh tokens come too often");
        }
        return switch (sessions.admissions().token(fresh, NO_PEER)) {
            case Admissions.Verdict.Bad bad -> Optional.of(bad.reason());
            case Admissions.Verdict.Good good -> renew(good);
        };
    }

    private Optional<String> renew(Admissions.Verdict.Good fresh) {
        if (!fresh.identity().username().equals(token.identity().username())) {
            return Optional.of("the fresh token is of another account");
        }
        synchronized (reviewing) {
            Set<String> all =
                    mapping.all() ? sessions.facts().namespaces() : Set.copyOf(mapping.names());
            try {
                Set<String> allowed = sessions.admissions().allowed(fresh.identity(), all);
                if (allowed.isEmpty()) {
                    return Optional.of(
                            fresh.identity().username()
                                    + " may no longer connect to any namespace");
                }
                asked = all;
                token = fresh;
                grant(allowed);
                return Optional.empty();
            } catch (IOException e) {
                // The API server is away for a moment: the token that was good is still good.
                LOG.log(System.Logger.Level.WARNING, "session {0}: {1}", id, e.getMessage());
                return Optional.empty();
            }
        }
    }

    /** Namespaces or ranges of the cluster changed. */
    void refresh() {
        synchronized (reviewing) {
            if (mapping.all()) {
                Set<String> exist = sessions.facts().namespaces();
                Set<String> created = new HashSet<>(exist);
                created.removeAll(asked);
                Set<String> now = new HashSet<>(granted);
                now.retainAll(exist);
                asked = exist;
                try {
                    now.addAll(sessions.admissions().allowed(token.identity(), created));
                } catch (IOException e) {
                    Set<String> known = new HashSet<>(exist);
                    known.removeAll(created);
                    asked = Set.copyOf(known); // the others are asked about at the next change
                    LOG.log(System.Logger.Level.WARNING, "session {0}: {1}", id, e.getMessage());
                }
                grant(now);
            } else {
                tell();
            }
        }
    }

    private void grant(Set<String> now) {
        boolean less = !now.containsAll(granted);
        granted = Set.copyOf(now);
        tell();
        if (less) {
            recheck();
        }
    }

    private void tell() {
        SessionControl means = control;
        Welcome now = sessions.welcome(id, granted);
        if (means != null && !now.equals(told)) {
            told = now;
            means.update(now);
        }
    }

    void recheck() {
        SessionControl means = control;
        if (means != null) {
            means.recheck();
        }
    }

    void expire() {
        SessionControl means = control;
        if (means != null && sessions.now().isAfter(token.expiry().plus(LEEWAY))) {
            means.revoke("the token has expired and no fresh one came");
        }
    }

    @Override
    public void closed() {
        sessions.ended(this);
    }
}
