package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import tp.incluster.Identity;
import tp.tunnel.Admission;
import tp.tunnel.ClientHello;
import tp.tunnel.MappingRequest;
import tp.tunnel.SessionHost;
import tp.tunnel.Welcome;

/** The sessions that are open, and the door to become one of them. Any thread. */
final class Sessions implements SessionHost, ClusterView.Listener {

    /**
     * What every session of this process is told.
     *
     * @param version the manager's
     * @param epoch another at each start
     * @param pings what all of them share
     */
    record Self(
            String version,
            long epoch,
            String clusterDomain,
            List<InetAddress> clusterDns,
            External external,
            Pings pings) {}

    private static final System.Logger LOG = System.getLogger(Sessions.class.getName());

    static final String NO_ANSWER = "the manager could not ask the API server; try again";

    private final Self self;
    private final Admissions admissions;
    private final Supplier<ClusterFacts> facts;
    private final Reach reach;
    private final NameGuard names;
    private final InstantSource clock;
    private final Set<Grant> open = ConcurrentHashMap.newKeySet();

    Sessions(
            Self self,
            Admissions admissions,
            Supplier<ClusterFacts> facts,
            Reach reach,
            NameGuard names,
            InstantSource clock) {
        this.self = self;
        this.admissions = admissions;
        this.facts = facts;
        this.reach = reach;
        this.names = names;
        this.clock = clock;
    }

    @Override
    public Admission admit(ClientHello hello, SocketAddress peer) {
        return switch (admissions.token(hello.token(), peer)) {
            case Admissions.Verdict.Bad bad -> new Admission.Refused(bad.reason());
            case Admissions.Verdict.Good good -> authorized(hello, good);
        };
    }

    private Admission authorized(ClientHello hello, Admissions.Verdict.Good token) {
        Identity who = token.identity();
        MappingRequest mapping = hello.mapping();
        Set<String> exist = facts.get().namespaces();
        Set<String> allowed;
        try {
            allowed = admissions.allowed(who, wanted(mapping, exist));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "access review: {0}", e.getMessage());
            return new Admission.Refused(NO_ANSWER);
        }
        if (allowed.isEmpty()) {
            return new Admission.Refused(refusal(who, mapping));
        }
        String id = "%016x".formatted(ThreadLocalRandom.current().nextLong());
        Grant grant = new Grant(id, this, mapping, token, exist, allowed);
        open.add(grant);
        LOG.log(
                System.Logger.Level.INFO,
                "session {0} of {1}: {2} namespaces",
                id,
                who.username(),
                Integer.toString(allowed.size()));
        return new Admission.Granted(grant);
    }

    /** {@return what a client asks for, of which it may be granted less} */
    static Set<String> wanted(MappingRequest mapping, Set<String> exist) {
        return mapping.all() ? exist : Set.copyOf(mapping.names());
    }

    /** {@return why nothing of what was asked for is granted} */
    static String refusal(Identity who, MappingRequest mapping) {
        return who.username()
                + (mapping.all()
                        ? " may not connect to any namespace"
                        : " may not connect to " + String.join(", ", mapping.names()))
                + "; bind the ClusterRole tp-connect to it there";
    }

    Welcome welcome(String id, Set<String> namespaces) {
        ClusterFacts now = facts.get();
        if (namespaces.size() > Welcome.MAX_NAMESPACES) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "session {0} is told of {1} of its {2} namespaces, which are more than a message"
                            + " takes; name those that matter with --mapped-namespaces",
                    id,
                    Integer.toString(Welcome.MAX_NAMESPACES),
                    Integer.toString(namespaces.size()));
        }
        return new Welcome(
                id,
                self.epoch,
                self.version,
                new Welcome.Zone(self.clusterDomain, self.clusterDns),
                now.serviceSubnets(),
                now.podSubnets(),
                namespaces.stream().sorted().limit(Welcome.MAX_NAMESPACES).toList(),
                self.external.entries(),
                self.pings.refusal());
    }

    External external() {
        return self.external;
    }

    Pings pings() {
        return self.pings;
    }

    Admissions admissions() {
        return admissions;
    }

    ClusterFacts facts() {
        return facts.get();
    }

    Reach reach() {
        return reach;
    }

    NameGuard names() {
        return names;
    }

    Instant now() {
        return clock.instant();
    }

    void ended(Grant grant) {
        if (open.remove(grant)) {
            LOG.log(System.Logger.Level.INFO, "session {0} ended", grant.id());
        }
    }

    @Override
    public void changed(ClusterFacts now) {
        for (Grant grant : open) {
            Thread.ofVirtual().name("tp-refresh").start(grant::refresh);
        }
    }

    @Override
    public void moved() {
        open.forEach(Grant::recheck);
    }

    /**
     * To be called now and then: ends the sessions whose token is over and was not followed by a
     * fresh one, and asks again about namespaces that are new.
     */
    void tend() {
        open.forEach(Grant::expire);
        for (Grant grant : open) {
            Thread.ofVirtual().name("tp-refresh").start(grant::askAgain);
        }
    }

    int size() {
        return open.size();
    }
}
