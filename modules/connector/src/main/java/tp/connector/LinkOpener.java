package tp.connector;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tp.kube.ManagerInfo;
import tp.spi.common.TpException;
import tp.spi.transport.Endpoint;
import tp.spi.transport.TransportContext;
import tp.spi.transport.TransportProvider;
import tp.tunnel.ClientHello;
import tp.tunnel.FlowKeep;
import tp.tunnel.MappingRequest;

/** Opens links to a manager: over the best transport that is proven, with a fresh token. */
final class LinkOpener {

    private static final System.Logger LOG = System.getLogger(LinkOpener.class.getName());

    /** Before a link that works is left for a better one, that one has to answer more than once. */
    private static final int PROOFS_TO_MOVE = 3;

    /**
     * What links are made with.
     *
     * @param loops for transports that are made of Netty
     */
    record Means(
            SessionOpener opener,
            EventLoopGroup loops,
            NetworkMemory memory,
            Pace pace,
            LongSupplier nanoClock) {}

    /** To whom links lead, and who listens to them. */
    record Target(Cluster cluster, ManagerInfo manager, Supplier<LinkListener> listeners) {}

    private final Means means;
    private final Point<TransportProvider> transports;
    private final ConnectorSettings settings;
    private volatile MappingRequest mapping;

    /** The id of the only transport to be used; empty: the best, with fallback. */
    private volatile Optional<String> named;

    private final Standings standings;

    /** Somebody else's code may never come back; it is not called again before. */
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    LinkOpener(
            Means means,
            Point<TransportProvider> transports,
            ConnectorSettings settings,
            MappingRequest mapping) {
        this.means = means;
        this.transports = transports;
        this.settings = settings;
        this.mapping = mapping;
        named = settings.transport();
        standings = new Standings(means.pace().rest(), means.nanoClock());
    }

    /** {@return what links ask for} */
    MappingRequest mapping() {
        return mapping;
    }

    /** From here on links ask for that. */
    void mapping(MappingRequest wanted) {
        mapping = wanted;
    }

    /**
     * Returns when the manager has welcomed us and answered a heartbeat.
     *
     * @throws TpException where no transport gets there, or the manager is not to be trusted
     */
    OpenLink open(Target target) {
        Optional<String> only = named;
        TransportContext context = context(target);
        List<Assessed<TransportProvider>> asked =
                transports.asked(only, provider -> provider.assess(context));
        standings.assessed(asked.stream().sorted(byRank(context)).toList());
        List<Assessed<TransportProvider>> possible = transports.possible(only, asked);
        return select(target, context, inOrder(possible, target, context), 1);
    }

    /**
     * Opens a link over that transport, as the user wants it from now on: no other is used any
     * more.
     *
     * @throws TpException where it does not get there; then all is as before
     */
    OpenLink openOver(String transportId, Target target) {
        Optional<String> before = named;
        List<Assessed<TransportProvider>> judged = standings.assessed();
        try {
            only(transportId);
            return open(target);
        } catch (RuntimeException e) {
            named = before;
            standings.assessed(judged);
            throw e;
        }
    }

    /** No other transport is used any more. */
    void only(String transportId) {
        transports.requireKnown(Optional.of(transportId));
        named = Optional.of(transportId);
    }

    /** {@return whether the user wants that transport, or any} */
    boolean isWanted(String transportId) {
        return named.isEmpty() || named.get().equals(transportId);
    }

    /**
     * {@return a link over a transport that ranks above that one, where one works now} A transport
     * that the user named is never left.
     */
    Optional<OpenLink> better(Target target, String current) {
        if (named.isPresent()) {
            return Optional.empty();
        }
        TransportContext context = context(target);
        List<Assessed<TransportProvider>> ranked =
                transports.assess(provider -> provider.assess(context)).stream()
                        .sorted(byRank(context))
                        .toList();
        standings.assessed(ranked);
        List<Assessed<TransportProvider>> above =
                ranked.stream()
                        .takeWhile(one -> !one.found().id().equals(current))
                        .filter(one -> one.rank() >= 0 && !standings.rests(one.found().id()))
                        .toList();
        if (above.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(select(target, context, above, PROOFS_TO_MOVE));
        } catch (TpException e) {
            LOG.log(System.Logger.Level.DEBUG, "none better than {0}: {1}", current, e.line());
            return Optional.empty();
        }
    }

    /**
     * {@return one more link over that transport} For flows beside those of a link that is in use;
     * whether it comes to be says nothing of the transport.
     *
     * @throws IOException where the manager is not reached
     */
    OpenLink another(Target target, String transportId) throws IOException {
        Found<TransportProvider> found =
                transports.found().stream()
                        .filter(one -> one.id().equals(transportId))
                        .findFirst()
                        .orElseThrow(() -> new IOException("no transport " + transportId));
        LinkAttempt attempt =
                new LinkAttempt(
                        found.provider().create(context(target)),
                        target.manager(),
                        target.listeners().get());
        return attempt.open(
                transportId,
                means.opener(),
                hello(target.cluster().clientToken(target.manager())),
                1);
    }

    private ClientHello hello(String token) {
        return new ClientHello(settings.version(), token, mapping);
    }

    private OpenLink select(
            Target target,
            TransportContext context,
            List<Assessed<TransportProvider>> candidates,
            int proofs) {
        Supplier<String> token = once(() -> target.cluster().clientToken(target.manager()));
        List<Candidate> ways =
                candidates.stream()
                        .map(one -> new Candidate(one, target, context, token, proofs))
                        .toList();
        OpenLink link = new Selection<>(ways, means.pace(), this::failed).take();
        if (named.isEmpty()) {
            means.memory()
                    .worked(
                            target.manager().uid(),
                            new NetworkMemory.Way(
                                    link.transportId(),
                                    link.transport().endpoint().map(Endpoint::address)));
        }
        return link;
    }

    private void failed(String id, Exception why) {
        String reason = Selection.reason(why);
        standings.failed(id, reason);
        LOG.log(System.Logger.Level.INFO, "transport {0}: {1}", id, reason);
    }

    /** All attempts of one selection show the same token. */
    private static Supplier<String> once(Supplier<String> source) {
        return new Supplier<>() {
            private Optional<String> value = Optional.empty(); // guarded by this

            @Override
            public synchronized String get() {
                String token = value.orElseGet(source);
                value = Optional.of(token);
                return token;
            }
        };
    }

    private Comparator<Assessed<TransportProvider>> byRank(TransportContext context) {
        return first(one -> isGiven(one, context))
                .thenComparing(Comparator.comparingInt(one -> -one.rank()));
    }

    private List<Assessed<TransportProvider>> inOrder(
            List<Assessed<TransportProvider>> possible, Target target, TransportContext context) {
        Optional<String> remembered =
                means.memory().recall(target.manager().uid()).map(NetworkMemory.Way::transport);
        return possible.stream()
                .sorted(
                        first(one -> !standings.rests(one.found().id()))
                                .thenComparing(first(one -> isGiven(one, context)))
                                .thenComparing(
                                        first(
                                                one ->
                                                        remembered.equals(
                                                                Optional.of(one.found().id()))))
                                .thenComparing(byRank(context)))
                .toList();
    }

    private static Comparator<Assessed<TransportProvider>> first(
            Predicate<Assessed<TransportProvider>> wanted) {
        return Comparator.comparing(one -> !wanted.test(one));
    }

    /** Whoever gives an address wants it to be used. */
    private static boolean isGiven(Assessed<TransportProvider> one, TransportContext context) {
        Set<String> schemes = one.found().provider().schemes();
        return context.endpoints().stream()
                .anyMatch(
                        at ->
                                at.source() == Endpoint.Source.GIVEN
                                        && schemes.contains(at.address().getScheme()));
    }

    /** {@return what transports may use to reach that manager} */
    TransportContext context(Target target) {
        Optional<URI> remembered =
                means.memory().recall(target.manager().uid()).flatMap(NetworkMemory.Way::endpoint);
        List<Endpoint> endpoints = new ArrayList<>(target.manager().endpoints());
        endpoints.sort(Comparator.comparing(at -> !remembered.equals(Optional.of(at.address()))));
        endpoints.addAll(0, settings.endpoints());
        return new TransportContext(
                target.cluster().access(),
                target.manager().location(),
                target.manager().pin(),
                endpoints,
                means.loops());
    }

    Standings standings() {
        return standings;
    }

    /** One transport, for one selection. */
    private final class Candidate implements Selection.Candidate<OpenLink> {

        private final Assessed<TransportProvider> transport;
        private final Target target;
        private final TransportContext context;
        private final Supplier<String> token;
        private final int proofs;

        Candidate(
                Assessed<TransportProvider> transport,
                Target target,
                TransportContext context,
                Supplier<String> token,
                int proofs) {
            this.transport = transport;
            this.target = target;
            this.context = context;
            this.token = token;
            this.proofs = proofs;
        }

        @Override
        public String name() {
            return transport.found().id();
        }

        @Override
        public OpenLink open() throws IOException {
            if (!underWay.add(name())) {
                throw new IOException("the last attempt has not come back yet");
            }
            try {
                LinkAttempt attempt =
                        new LinkAttempt(
                                transport.found().provider().create(context),
                                target.manager(),
                                target.listeners().get());
                return attempt.open(name(), means.opener(), hello(token.get()), proofs);
            } finally {
                underWay.remove(name());
            }
        }
    }

    /** {@return what became of flows whose link was lost} */
    FlowKeep.Statistics kept() {
        return means.opener().kept();
    }

    /** No flow waits for a link any more. */
    void end() {
        means.opener().end();
    }
}
