package tp.dns;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Answers the host while a session lasts: the cluster's names from the cluster's own DNS, all
 * others from the servers that the host had before. Any thread; nothing here waits.
 */
public final class Resolver {

    /** A question of the cluster that takes longer fails, before glibc's five seconds are over. */
    public static final Duration CLUSTER_BOUND = Duration.ofSeconds(4);

    /** The forwarder has its own, shorter bounds; this one is for a forwarder that is stuck. */
    private static final Duration HOST_BOUND = Duration.ofSeconds(10);

    private final Supplier<ResolverZones> zones;
    private final Externals externals;
    private final ResolverClock clock;
    private final SharedQuestions<AnswerCache.Key> cluster;
    private final SharedQuestions<ByteBuffer> host;
    private final AnswerCache cache = new AnswerCache();
    private final AddressNames addressNames = new AddressNames();
    private volatile RulesOf rules;

    private final LongAdder queries = new LongAdder();
    private final LongAdder malformed = new LongAdder();
    private final LongAdder cached = new LongAdder();
    private final LongAdder asked = new LongAdder();
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();

    private record RulesOf(ResolverZones zones, NameRules rules) {}

    /**
     * What lies outside the cluster and is reached through it.
     *
     * @param names asked at each question: what the manager permits may change while connected
     * @param addresses which addresses this host is to see
     */
    public record Externals(Supplier<ProxiedNames> names, AddressTranslation addresses) {
        static final Externals NONE =
                new Externals(() -> ProxiedNames.NONE, AddressTranslation.NONE);
    }

    Resolver(
            Supplier<ResolverZones> zones,
            Upstream toCluster,
            Upstream toHost,
            ResolverClock clock) {
        this(zones, Externals.NONE, toCluster, toHost, clock);
    }

    /**
     * @param zones asked at each question: a mapping may change while connected
     * @param toCluster the way through the tunnel
     * @param toHost the host's own servers, such as a {@link HostForwarder}
     */
    public Resolver(
            Supplier<ResolverZones> zones,
            Externals externals,
            Upstream toCluster,
            Upstream toHost,
            ResolverClock clock) {
        this.zones = zones;
        this.externals = externals;
        this.clock = clock;
        ResolverZones now = zones.get();
        this.rules = new RulesOf(now, new NameRules(now));
        Upstream whole =
                (query, tcp, listener) -> {
                    asked.increment();
                    askWhole(toCluster, query, tcp, listener);
                };
        this.cluster = new SharedQuestions<>(whole, clock, CLUSTER_BOUND.toNanos());
        this.host = new SharedQuestions<>(toHost, clock, HOST_BOUND.toNanos());
    }

    /**
     * Answers a DNS message, or drops it where no answer is due.
     *
     * @param query read before this method returns
     * @param tcp whether it came over TCP, so that the answer may have any size
     * @param answer called at most once, on any thread, perhaps before this method returns
     */
    public void resolve(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer) {
        queries.increment();
        byte[] wire = new byte[query.remaining()];
        query.get(wire);
        switch (Question.parse(wire, tcp, answer)) {
            case Question.Parsed.Bad bad -> {
                malformed.increment();
                bad.reply().ifPresent(reply -> answer.accept(ByteBuffer.wrap(reply)));
            }
            case Question.Parsed.Good good -> resolve(good.question());
        }
    }

    /** {@return the name of the cluster's that was asked for last and has that address} */
    public Optional<String> nameOf(InetAddress address) {
        return addressNames.of(address);
    }

    public ResolverStatistics statistics() {
        return new ResolverStatistics(
                queries.sum(),
                malformed.sum(),
                cached.sum(),
                asked.sum(),
                forwarded.sum(),
                refused.sum(),
                failed.sum());
    }

    private void resolve(Question question) {
        if (question.type() == Type.AXFR || question.type() == Type.IXFR) {
            question.reply(Rcode.NOTIMP, null);
            return;
        }
        switch (destination(question)) {
            case NameRules.Destination.Cluster it -> askCluster(question, it.fullName(), false);
            case NameRules.Destination.ClusterThenHost it ->
                    askCluster(question, it.fullName(), true);
            case NameRules.Destination.Host ignored -> askHost(question, null);
            case NameRules.Destination.Nowhere ignored -> question.reply(Rcode.NXDOMAIN, null);
            case NameRules.Destination.Unmapped ignored -> {
                refused.increment();
                question.reply(
                        Rcode.REFUSED,
                        new ExtendedErrorCodeOption(
                                ExtendedErrorCodeOption.PROHIBITED, "namespace is not mapped"));
            }
        }
    }

    private NameRules.Destination destination(Question question) {
        Name name = question.name();
        if (question.dnsClass() != DClass.IN) {
            return new NameRules.Destination.Host();
        }
        Name real = externals.addresses().realReverse(name);
        if (real != null) {
            return new NameRules.Destination.Cluster(real);
        }
        return switch (externals.names().get().of(name)) {
            case ALSO -> new NameRules.Destination.Cluster(name.canonicalize());
            case NEVER -> new NameRules.Destination.Host();
            case UNSAID -> rules().destination(name);
        };
    }

    private NameRules rules() {
        ResolverZones now = zones.get();
        RulesOf known = rules;
        if (!known.zones.equals(now)) {
            known = new RulesOf(now, new NameRules(now));
            rules = known;
        }
        return known.rules;
    }

    private void askCluster(Question question, Name fullName, boolean thenHost) {
        AnswerCache.Key key =
                new AnswerCache.Key(
                        fullName,
                        question.type(),
                        question.dnssecOk(),
                        question.checkingDisabled());
        AnswerCache.Hit hit = cache.find(key, clock.nowNs());
        if (hit != null) {
            cached.increment();
            answered(question, key, hit, thenHost);
            return;
        }
        Message query = query(key);
        cluster.ask(
                key,
                query.toWire(),
                false,
                new Upstream.Listener() {
                    @Override
                    public void answered(byte[] message) {
                        ClusterAnswer answer = ClusterAnswer.parse(message, query);
                        if (answer == null) {
                            failed(Upstream.Failure.BROKEN);
                            return;
                        }
                        cache.store(key, answer, clock.nowNs());
                        Resolver.this.answered(
                                question, key, new AnswerCache.Hit(answer, 0), thenHost);
                    }

                    @Override
                    public void failed(Upstream.Failure failure) {
                        fail(question, "the cluster's DNS", failure);
                    }
                });
    }

    private void answered(
            Question question, AnswerCache.Key key, AnswerCache.Hit hit, boolean thenHost) {
        Runnable asTheClusterSays = () -> replyAsSeenHere(question, key, hit);
        if (thenHost && hit.answer().rcode() == Rcode.NXDOMAIN) {
            askHost(question, asTheClusterSays);
        } else {
            asTheClusterSays.run();
        }
    }

    /**
     * What is cached is what the cluster said: which addresses and names this host may see can
     * change.
     */
    private void replyAsSeenHere(Question question, AnswerCache.Key key, AnswerCache.Hit hit) {
        ClusterAnswer seen =
                externals.addresses().translate(hit.answer(), () -> query(key).toWire());
        if (seen == null) {
            failed.increment();
            question.reply(
                    Rcode.SERVFAIL,
                    new ExtendedErrorCodeOption(
                            ExtendedErrorCodeOption.OTHER, "no virtual address is left"));
        } else {
            addressNames.add(question.name(), seen.section(Section.ANSWER));
            NameAliases aliases = rules().aliases();
            question.reply(
                    seen,
                    hit.ageNs(),
                    record -> leading(aliases.said(record, question.name(), key.fullName())));
        }
    }

    /**
     * An alias that leads out of the cluster counts for this one answer: a cache in front of us,
     * such as systemd-resolved, that keeps it would ask the host's servers for the target's other
     * types, and the host need not know that name, or may know another by it.
     */
    private Record leading(Record record) {
        return record instanceof CNAMERecord alias && isOfTheHost(alias.getTarget())
                ? new CNAMERecord(alias.getName(), alias.getDClass(), 0, alias.getTarget())
                : record;
    }

    private boolean isOfTheHost(Name name) {
        return switch (externals.names().get().of(name)) {
            case ALSO -> false;
            case NEVER -> true;
            case UNSAID -> rules().destination(name) instanceof NameRules.Destination.Host;
        };
    }

    /**
     * @param otherwise what to do where the host has nobody to ask; null for an honest failure
     */
    private void askHost(Question question, @Nullable Runnable otherwise) {
        forwarded.increment();
        byte[] wire = question.wire();
        // All but the identifier: with other flags or options it is another question.
        ByteBuffer key = ByteBuffer.allocate(wire.length - 1);
        key.put((byte) (question.tcp() ? 1 : 0)).put(wire, 2, wire.length - 2).flip();
        host.ask(
                key,
                wire,
                question.tcp(),
                new Upstream.Listener() {
                    @Override
                    public void answered(byte[] message) {
                        if (message.length < Question.HEADER_BYTES) {
                            failed(Upstream.Failure.BROKEN);
                        } else {
                            question.reply(message);
                        }
                    }

                    @Override
                    public void failed(Upstream.Failure failure) {
                        if (otherwise != null && failure == Upstream.Failure.NO_SERVER) {
                            otherwise.run();
                        } else {
                            fail(question, "the host's name servers", failure);
                        }
                    }
                });
    }

    private void fail(Question question, String who, Upstream.Failure failure) {
        failed.increment();
        String text =
                switch (failure) {
                    case NO_SERVER -> who + ": none is there";
                    case TIMED_OUT -> who + ": no answer in time";
                    case BROKEN -> who + ": out of reach";
                };
        question.reply(
                Rcode.SERVFAIL,
                new ExtendedErrorCodeOption(ExtendedErrorCodeOption.NO_REACHABLE_AUTHORITY, text));
    }

    /**
     * A question of our own: identifier, cookies and client subnet of the asker are between him and
     * us (RFC 6891 §6.2.1), and askers with and without EDNS share one answer. The identifier is 0,
     * as in RFC 8484 §4.1: the carrier pairs questions with answers.
     */
    private static Message query(AnswerCache.Key key) {
        Message query = new Message(0);
        query.getHeader().setFlag(Flags.RD);
        if (key.checkingDisabled()) {
            query.getHeader().setFlag(Flags.CD);
        }
        query.addRecord(Record.newRecord(key.fullName(), key.type(), DClass.IN), Section.QUESTION);
        int flags = key.dnssecOk() ? ExtendedFlags.DO : 0;
        query.addRecord(new OPTRecord(Question.OWN_UDP_BYTES, 0, 0, flags), Section.ADDITIONAL);
        return query;
    }

    /** Asks again over TCP where the answer was cut (RFC 7766 §5): what is cached is whole. */
    private static void askWhole(
            Upstream upstream, byte[] query, boolean tcp, Upstream.Listener listener) {
        upstream.ask(
                query,
                tcp,
                new Upstream.Listener() {
                    @Override
                    public void answered(byte[] message) {
                        boolean cut = message.length > 2 && (message[2] & 0x02) != 0;
                        if (cut && !tcp) {
                            upstream.ask(query, true, listener);
                        } else {
                            listener.answered(message);
                        }
                    }

                    @Override
                    public void failed(Upstream.Failure failure) {
                        listener.failed(failure);
                    }
                });
    }
}
