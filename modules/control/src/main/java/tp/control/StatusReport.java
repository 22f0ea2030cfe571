package tp.control;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The state of a session, as {@code tp status} shows it. */
public record StatusReport(
        DaemonState rootDaemon,
        DaemonState userDaemon,
        SessionState state,
        Cluster cluster,
        Dns dns,
        Routes routes,
        Link link,
        Traffic traffic,
        List<Intercept> intercepts) {

    public StatusReport {
        intercepts = List.copyOf(intercepts);
    }

    /** A process of tp on this machine; nothing of it is known where it does not run. */
    public record DaemonState(boolean running, OptionalLong pid, String version) {
        public static final DaemonState ABSENT = new DaemonState(false, OptionalLong.empty(), "");
    }

    /** What the user daemon is doing. */
    public enum SessionState {
        NOT_CONNECTED,
        CONNECTING,
        CONNECTED,
        /** The host is set up, the way to the manager is lost and sought again. */
        RECONNECTING
    }

    /**
     * Where the session goes.
     *
     * @param namespace where names without a dot are looked for by {@code --namespace}, or empty
     * @param mappedNamespaces that are granted, by their names on this machine
     * @param aliases those of them that have another name in the cluster
     */
    public record Cluster(
            String server,
            String context,
            String namespace,
            List<String> mappedNamespaces,
            List<Alias> aliases) {
        public Cluster {
            mappedNamespaces = List.copyOf(mappedNamespaces);
            aliases = List.copyOf(aliases);
        }
    }

    /**
     * A namespace that has another name here.
     *
     * @param name on this machine
     * @param namespace in the cluster
     */
    public record Alias(String name, String namespace) {}

    /**
     * A namespace in which names without a dot are looked for.
     *
     * @param name of the workload that somebody works on
     * @param namespace by its name on this machine
     */
    public record Intercept(String name, String namespace) {}

    /**
     * How names are found.
     *
     * @param strategy the DNS provider's id
     * @param server the address of tp's resolver
     * @param domains whose names tp answers
     * @param search where names without a dot are looked for, in order
     * @param error why names do not work, empty if they do
     * @param considered every strategy that was tried
     */
    public record Dns(
            String strategy,
            String server,
            List<String> domains,
            List<String> search,
            String error,
            List<Strategy> considered) {
        public Dns {
            domains = List.copyOf(domains);
            search = List.copyOf(search);
            considered = List.copyOf(considered);
        }
    }

    /**
     * Why a DNS strategy is in use, or is not.
     *
     * @param verdict {@code in use} or {@code failed}
     * @param reason of one that is in use: which programs do not find names nevertheless
     */
    public record Strategy(String id, String verdict, String reason) {}

    /**
     * @param device the TUN device
     * @param subnets routed into the tunnel
     * @param skipped ranges of the cluster that stay the host's
     */
    public record Routes(
            String device, List<String> subnets, List<Skipped> skipped, Virtual virtual) {
        public Routes {
            subnets = List.copyOf(subnets);
            skipped = List.copyOf(skipped);
        }

        public Routes(String device, List<String> subnets, List<Skipped> skipped) {
            this(device, subnets, skipped, Virtual.NONE);
        }
    }

    /**
     * Addresses that stand for others, which must not be routed.
     *
     * @param subnets that they are taken from
     * @param given how many stand for something
     * @param refused how often there was none left
     */
    public record Virtual(List<String> subnets, long given, long refused) {
        public static final Virtual NONE = new Virtual(List.of(), 0, 0);

        public Virtual {
            subnets = List.copyOf(subnets);
        }
    }

    /** A range of the cluster that is not routed, and why. */
    public record Skipped(String subnet, String reason) {}

    /**
     * The way to the manager.
     *
     * @param transport the transport's id
     * @param roundTripNs of the last heartbeat
     * @param lastError why the link was lost last, empty if it never was
     * @param transports every transport that was thought of, best first
     * @param noPing why nobody can ask for echoes, empty if the manager can
     * @param agentless what holds of a session without a manager, empty for one with
     */
    public record Link(
            String transport,
            OptionalLong roundTripNs,
            String sessionId,
            String managerVersion,
            long reconnects,
            Optional<String> lastError,
            List<Transport> transports,
            String noPing,
            Optional<Agentless> agentless) {
        public Link {
            transports = List.copyOf(transports);
        }
    }

    /**
     * A session that has the API server only.
     *
     * @param cannot what it does not do, one line each
     * @param refused what was asked for lately and refused, and why, the latest last
     */
    public record Agentless(List<String> cannot, List<String> refused) {
        public Agentless {
            cannot = List.copyOf(cannot);
            refused = List.copyOf(refused);
        }
    }

    /**
     * Why a transport is in use, or is not.
     *
     * @param verdict {@code in use}, {@code not needed}, {@code untried}, {@code failed} or {@code
     *     unusable}
     */
    public record Transport(String id, String verdict, String reason) {}

    /**
     * What goes through.
     *
     * @param openFlows TCP and UDP flows that the manager knows too
     * @param heldSyns connects whose outcome is not known yet, or is silence
     * @param dials connects that the manager is asked to make
     * @param retained bytes of applications that the manager has not said to have
     * @param carried since the session was begun
     * @param lostLinks what became of flows whose link was lost
     */
    public record Traffic(
            long openFlows,
            long heldSyns,
            long dials,
            long retained,
            Carried carried,
            LostLinks lostLinks) {
        public static final Traffic NONE =
                new Traffic(0, 0, 0, 0, new Carried(0, 0, 0), new LostLinks(0, 0, 0, 0));
    }

    /**
     * @param sent bytes of applications
     * @param received bytes for applications
     * @param datagramsDropped because the tunnel was full
     */
    public record Carried(long sent, long received, long datagramsDropped) {}

    /**
     * Flows of TCP whose link was lost.
     *
     * @param waiting for another link at this moment
     * @param resumed how often one went on over another link
     * @param managerRestarted reset because the manager was another process then
     * @param notKept reset because the manager kept them no longer
     */
    public record LostLinks(long waiting, long resumed, long managerRestarted, long notKept) {}

    /** {@return the report of a machine on which nothing of tp runs} */
    public static StatusReport notRunning() {
        return new StatusReport(
                DaemonState.ABSENT,
                DaemonState.ABSENT,
                SessionState.NOT_CONNECTED,
                new Cluster("", "", "", List.of(), List.of()),
                new Dns("", "", List.of(), List.of(), "", List.of()),
                new Routes("", List.of(), List.of()),
                new Link(
                        "",
                        OptionalLong.empty(),
                        "",
                        "",
                        0,
                        Optional.empty(),
                        List.of(),
                        "",
                        Optional.empty()),
                Traffic.NONE,
                List.of());
    }
}
