package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tp.incluster.Identity;
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

    /** A namespace is made before its RoleBindings are. */
    private static final Duration YOUTH = Duration.ofSeconds(60);

    /** Each is a socket. */
    static final int MAX_ECHOES = 256;

    private static final SocketAddress NO_PEER = InetSocketAddress.createUnresolved("renewal", 0);

    private final AtomicInteger echoes = new AtomicInteger();
    private final PeerLimit limit = new PeerLimit(System::nanoTime, PeerLimit.OTHERS);
    private final Permits permits = new Permits(System::nanoTime);

    private final String id;
    private final Sessions sessions;

    /** Held while the API server is asked: verdicts come in the order of the questions. */
    private final Object reviewing = new Object();

    private volatile Admissions.Verdict.Good token;
    private volatile Set<String> granted;
    private volatile @Nullable SessionControl control;
    private volatile @Nullable Welcome told;

    // These are guarded by reviewing.

    private MappingRequest mapping;

    /** The namespaces that existed when we looked last. */
    private Set<String> seen;

    /** Those that came since, are asked for, and are not granted; and when they came. */
    private final Map<String, Instant> young = new HashMap<>();

    /**
     * @param seen the namespaces that existed before it was decided what is granted
     */
    Grant(
            String id,
            Sessions sessions,
            MappingRequest mapping,
            Admissions.Verdict.Good token,
            Set<String> seen,
            Set<String> granted) {
        this.id = id;
        this.sessions = sessions;
        this.mapping = mapping;
        this.token = token;
        this.seen = Set.copyOf(seen);
        this.granted = Set.copyOf(granted);
    }

    String id() {
        return id;
    }

    @Override
    public String subject() {
        return token.identity().username();
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
        return sessions.reach()
                .decide(
                        address,
                        granted,
                        outside ->
                                sessions.external().permits(outside)
                                        || permits.allows(outside, granted));
    }

    @Override
    public DialOutcome mayStay(InetAddress address, int port) {
        return sessions.reach()
                .decide(
                        address,
                        granted,
                        outside ->
                                sessions.external().permits(outside)
                                        || permits.allowed(outside, granted));
    }

    @Override
    public void follow(SessionGrant before, InetAddress target) {
        if (before instanceof Grant grant && grant != this) {
            permits.follow(grant.permits, target);
        }
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
        sessions.names().answer(query, tcp, new NameGuard.Asker(granted, permits), reply);
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
            Set<String> exist = sessions.facts().namespaces();
            try {
                Set<String> allowed =
                        sessions.admissions()
                                .allowed(fresh.identity(), Sessions.wanted(mapping, exist));
                if (allowed.isEmpty()) {
                    return Optional.of(
                            fresh.identity().username()
                                    + " may no longer connect to any namespace");
                }
                token = fresh;
                looked(exist);
                grant(allowed);
                return Optional.empty();
            } catch (IOException e) {
                // The API server is away for a moment: the token that was good is still good.
                complain(e);
                return Optional.empty();
            }
        }
    }

    @Override
    public Optional<String> remap(MappingRequest wanted) {
        if (!limit.admits(InetAddress.getLoopbackAddress())) {
            return Optional.of("the mapping is changed too often; try again in a few seconds");
        }
        synchronized (reviewing) {
            Set<String> exist = sessions.facts().namespaces();
            Identity who = token.identity();
            Set<String> allowed;
            try {
                allowed = sessions.admissions().allowed(who, Sessions.wanted(wanted, exist));
            } catch (IOException e) {
                complain(e);
                return Optional.of(Sessions.NO_ANSWER);
            }
            if (allowed.isEmpty()) {
                return Optional.of(Sessions.refusal(who, wanted));
            }
            mapping = wanted;
            looked(exist);
            grant(allowed);
            return Optional.empty();
        }
    }

    private void looked(Set<String> exist) {
        seen = exist;
        young.clear();
    }

    /** Namespaces or ranges of the cluster changed. */
    void refresh() {
        synchronized (reviewing) {
            Set<String> exist = sessions.facts().namespaces();
            Set<String> created = new HashSet<>(Sessions.wanted(mapping, exist));
            created.retainAll(exist);
            created.removeAll(seen);
            created.removeAll(granted);
            created.forEach(name -> young.putIfAbsent(name, sessions.now()));
            young.keySet().retainAll(exist);
            seen = exist;
            Set<String> now = new HashSet<>(granted);
            if (mapping.all()) {
                now.retainAll(exist);
            }
            grantWithYoung(now);
        }
    }

    /** Asks again about namespaces that are new, and that somebody may be about to grant. */
    void askAgain() {
        synchronized (reviewing) {
            Instant old = sessions.now().minus(YOUTH);
            young.values().removeIf(since -> since.isBefore(old));
            if (!young.isEmpty()) {
                grantWithYoung(new HashSet<>(granted));
            }
        }
    }

    private void grantWithYoung(Set<String> now) {
        try {
            Set<String> allowed = sessions.admissions().allowed(token.identity(), young.keySet());
            now.addAll(allowed);
            young.keySet().removeAll(allowed);
        } catch (IOException e) {
            complain(e); // they are asked about again while they are young
        }
        grant(now);
    }

    private void complain(IOException e) {
        LOG.log(System.Logger.Level.WARNING, "session {0}: {1}", id, e.getMessage());
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
