package tp.daemon;

import static java.util.stream.Collectors.joining;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import tp.connector.Assessed;
import tp.connector.Found;
import tp.control.StatusReport;
import tp.host.Host;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.dns.DnsProvider;
import tp.spi.dns.HostChange;
import tp.spi.dns.ResolverEnvironment;
import tp.spi.dns.ResolverSettings;

/**
 * Makes this host ask tp for the cluster's names: the best strategy first, each seen to work before
 * it counts, and the next where one does not. It goes on while the session lasts, as {@link
 * ResolverWatch} tells what other programs do with the resolver.
 */
final class NameTakeover {

    private static final System.Logger LOG = System.getLogger(NameTakeover.class.getName());
    private static final int DNS_PORT = 53;

    /** Who changes the host: the helper. */
    interface Changes {

        /** Makes them, in place of those it made before; returns notes. */
        List<String> apply(List<HostChange> changes);

        /** Takes them back. */
        List<String> restore();

        static Changes of(Host host) {
            return of(host, change -> true);
        }

        /** {@return changes of a helper that makes none but these} */
        static Changes of(Host host, Predicate<HostChange> possible) {
            return new Changes() {
                @Override
                public List<String> apply(List<HostChange> changes) {
                    return host.apply(changes.stream().filter(possible).toList());
                }

                @Override
                public List<String> restore() {
                    return host.restore();
                }
            };
        }
    }

    /** Who sees whether it works: {@link NameCheck#run}. */
    interface Check {
        NameCheck.Outcome run(String clusterDomain, Optional<InetSocketAddress> server)
                throws InterruptedException;
    }

    /**
     * What it works with.
     *
     * @param named the strategy that the user asked for; then there is no other
     * @param choose the strategies for such a host, best first; throws where there is none
     */
    record Parts(
            Changes host,
            Check check,
            HostUpstream upstream,
            Optional<String> named,
            Function<ResolverEnvironment, List<Assessed<DnsProvider>>> choose) {}

    /** A strategy in force. */
    private record InForce(Found<DnsProvider> found, List<HostChange> changes) {
        String id() {
            return found.provider().id();
        }
    }

    private final Parts parts;

    /** Those that were tried and did not work, and why; in the order of trying. */
    private final Map<String, String> failed = new LinkedHashMap<>();

    private Optional<InForce> inForce = Optional.empty();
    private ResolverSettings offer;

    /** What the host would ask if tp were not there. */
    private ResolverEnvironment environment;

    private volatile List<StatusReport.Strategy> considered = List.of();
    private volatile String strategy = "";
    private volatile String error = "";
    private volatile String warning = "";

    NameTakeover(Parts parts, ResolverSettings offer, ResolverEnvironment environment) {
        this.parts = parts;
        this.offer = offer;
        this.environment = environment;
    }

    /**
     * Takes over.
     *
     * @throws TpException where the strategy that the user asked for does not work here
     */
    synchronized void begin() throws InterruptedException {
        useBest();
        if (inForce.isEmpty() && parts.named().isPresent()) {
            String id = parts.named().get();
            throw TpException.environment(
                    "dns " + id + " does not work here: " + failed.getOrDefault(id, "unusable"),
                    "leave out --dns, or give another, see `tp plugins`");
        }
    }

    /** {@return the id of the strategy in force, empty if none is} */
    String strategy() {
        return strategy;
    }

    /** {@return why names do not work, empty if they do} */
    String error() {
        return error;
    }

    /** {@return which programs do not find the cluster's names, empty if all do} */
    String warning() {
        return warning;
    }

    /** {@return what came of each strategy} */
    List<StatusReport.Strategy> considered() {
        return considered;
    }

    /** {@return what the host would ask if tp were not there} */
    synchronized ResolverEnvironment environment() {
        return environment;
    }

    /** {@return whether the strategy in force writes {@code /etc/resolv.conf}} */
    synchronized boolean writes() {
        return inForce.stream()
                .flatMap(one -> one.changes().stream())
                .anyMatch(change -> change instanceof HostChange.ResolvConf);
    }

    /** The cluster has other names than it had. */
    synchronized void offer(ResolverSettings now) throws InterruptedException {
        offer = now;
        if (inForce.isPresent()) {
            renew(inForce.get(), false);
        }
    }

    /**
     * The host's resolver is another than it was, beneath what tp made of it.
     *
     * @param overwritten whether what tp wrote is gone, or had nowhere to go
     */
    synchronized void changed(ResolverEnvironment now, boolean overwritten)
            throws InterruptedException {
        environment = now;
        if (inForce.isEmpty()) {
            if (overwritten) {
                failed.clear(); // on files that are no longer there
            }
            useBest();
        } else if (inForce.get().found().provider().assess(now)
                instanceof Assessment.Unusable unusable) {
            giveUp(unusable.reason());
        } else {
            renew(inForce.get(), overwritten);
        }
    }

    private void renew(InForce current, boolean overwritten) throws InterruptedException {
        List<HostChange> changes = current.found().provider().changes(environment, offer);
        parts.upstream().follow(environment, changes);
        if (overwritten || !changes.equals(current.changes())) {
            try {
                parts.host().apply(changes).forEach(NameTakeover::note);
                inForce = Optional.of(new InForce(current.found(), changes));
            } catch (TpException e) {
                giveUp(e.line());
            }
        }
    }

    /** The strategy in force does not work any more: the next one takes its place. */
    synchronized void giveUp(String reason) throws InterruptedException {
        if (inForce.isPresent()) {
            parts.host().restore().forEach(NameTakeover::note);
            failed(inForce.get().id(), reason);
            inForce = Optional.empty();
        }
        useBest();
    }

    private void useBest() throws InterruptedException {
        String none = "no strategy is left";
        try {
            for (Assessed<DnsProvider> one : parts.choose().apply(environment)) {
                if (inForce.isEmpty() && !failed.containsKey(one.found().provider().id())) {
                    use(one.found());
                }
            }
        } catch (TpException e) {
            none = e.line();
        }
        if (inForce.isEmpty()) {
            parts.upstream().follow(environment, List.of());
            none = failed.isEmpty() ? none : reasons();
            error = "this host does not ask tp for the cluster's names: " + none;
        } else {
            error = "";
        }
        strategy = inForce.map(InForce::id).orElse("");
        considered = list();
    }

    private void use(Found<DnsProvider> found) throws InterruptedException {
        String id = found.provider().id();
        List<HostChange> changes = found.provider().changes(environment, offer);
        // Before there is a redirect nothing of ours may be caught in it.
        parts.upstream().follow(environment, changes);
        try {
            parts.host().apply(changes).forEach(NameTakeover::note);
        } catch (TpException e) {
            failed(id, e.line());
            return;
        }
        NameCheck.Outcome outcome = parts.check().run(zone(), firstServer());
        if (outcome.failure().isEmpty()) {
            warning = outcome.warning();
            inForce = Optional.of(new InForce(found, changes));
            LOG.log(System.Logger.Level.INFO, "dns {0} is in use {1}", id, warning);
        } else {
            parts.host().restore().forEach(NameTakeover::note);
            failed(id, outcome.failure());
        }
    }

    private String zone() {
        return offer.clusterDomains().getFirst();
    }

    private static Optional<InetSocketAddress> firstServer() {
        return HostResolver.read().servers().stream()
                .findFirst()
                .map(server -> new InetSocketAddress(server, DNS_PORT));
    }

    private void failed(String id, String reason) {
        failed.put(id, reason);
        LOG.log(System.Logger.Level.WARNING, "dns {0} does not work: {1}", id, reason);
    }

    private static void note(String text) {
        LOG.log(System.Logger.Level.INFO, "helper: {0}", text);
    }

    private String reasons() {
        return failed.entrySet().stream()
                .map(one -> one.getKey() + ": " + one.getValue())
                .collect(joining(", "));
    }

    private List<StatusReport.Strategy> list() {
        Map<String, StatusReport.Strategy> all = new LinkedHashMap<>();
        inForce.ifPresent(
                one -> all.put(one.id(), new StatusReport.Strategy(one.id(), "in use", warning)));
        failed.forEach((id, why) -> all.put(id, new StatusReport.Strategy(id, "failed", why)));
        return List.copyOf(all.values());
    }
}
