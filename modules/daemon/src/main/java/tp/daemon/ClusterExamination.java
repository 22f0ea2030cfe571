package tp.daemon;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import tp.connector.ClusterSession;
import tp.connector.TransportState;
import tp.connector.VersionSkew;
import tp.control.Build;
import tp.dns.AddressQuestion;
import tp.host.HostRoutes;
import tp.kube.KubeCluster;
import tp.kube.ManagerInfo;
import tp.kube.UserRight;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.tunnel.DnsListener;
import tp.tunnel.Welcome;

/** Tries what tp needs of a cluster, with the user's own credentials. */
final class ClusterExamination {

    /** Tokens live for ten minutes, and are judged by the cluster's clock. */
    private static final Duration MOST_SKEW = Duration.ofSeconds(60);

    private static final long ANSWER_SECONDS = 6;

    private static final String DNS_PODS =
            "see `kubectl -n kube-system get pods -l k8s-app=kube-dns`";

    private final Findings findings;

    ClusterExamination(Findings findings) {
        this.findings = findings;
    }

    void clock(KubeCluster cluster) {
        try {
            Optional<Duration> known = cluster.clockAhead();
            if (known.isEmpty()) {
                findings.skipped("clock", "the API server does not tell its time");
                return;
            }
            Duration ahead = known.get();
            if (ahead.abs().compareTo(MOST_SKEW) <= 0) {
                findings.works("clock", "as the API server's");
            } else {
                findings.care(
                        "clock",
                        "this machine's is %d s %s the API server's"
                                .formatted(
                                        ahead.abs().toSeconds(),
                                        ahead.isNegative() ? "behind" : "ahead of"),
                        "set it (`timedatectl set-ntp true`); tokens and certificates may be"
                                + " refused");
            }
        } catch (TpException e) {
            findings.fails("clock", e);
        }
    }

    void rights(KubeCluster cluster) {
        findings.trying("your rights");
        Map<UserRight, Boolean> rights;
        try {
            rights = cluster.rights();
        } catch (TpException e) {
            findings.fails("rights", e);
            return;
        }
        String needed = missing(rights, true);
        String optional = missing(rights, false);
        if (!needed.isEmpty()) {
            findings.fails("rights", needed + " is missing", bind(rights));
        } else if (!optional.isEmpty()) {
            findings.care("rights", optional + " is missing", bind(rights));
        } else {
            findings.works("rights", "all " + rights.size() + " that a session needs");
        }
    }

    private static String bind(Map<UserRight, Boolean> rights) {
        String home = rights.keySet().iterator().next().home();
        return "ask an administrator to bind you to Role tp-user in " + home + " (docs/rbac.md)";
    }

    private static String missing(Map<UserRight, Boolean> rights, boolean needed) {
        return rights.entrySet().stream()
                .filter(one -> !one.getValue())
                .map(Map.Entry::getKey)
                .filter(right -> right.transport().isEmpty() == needed)
                .map(
                        right ->
                                right.told()
                                        + (needed ? "" : " (transport " + right.transport() + ")"))
                .collect(Collectors.joining(", "));
    }

    /** {@return the manager, if there is one to go on with} */
    Optional<ManagerInfo> manager(KubeCluster cluster) {
        findings.trying("the manager");
        try {
            Optional<ManagerInfo> found = cluster.manager();
            if (found.isPresent()) {
                version(found.get().version());
            } else if (cluster.mayInstall()) {
                findings.care(
                        "manager",
                        "not installed",
                        "run `tp install`, or `tp connect`, which does it");
            } else {
                findings.fails(
                        "manager",
                        "not installed, and you may not install it",
                        "ask an administrator of the cluster to run `tp install`");
            }
            return found;
        } catch (TpException e) {
            findings.fails("manager", e);
            return Optional.empty();
        }
    }

    /** Where there is no manager: whether one does without. */
    void agentless(KubeCluster cluster) {
        findings.trying("what goes without a manager");
        String namespace = cluster.namespace();
        try {
            List<String> missing = cluster.missingWithoutManager(namespace);
            if (missing.isEmpty()) {
                findings.works(
                        "agentless",
                        "`tp connect --agentless` reaches Services and pods of "
                                + namespace
                                + " over TCP, and needs no manager");
            } else {
                findings.care(
                        "agentless",
                        String.join(", ", missing) + " is missing",
                        "ask an administrator for what `tp install --print-rbac --for agentless"
                                + " --namespaces "
                                + namespace
                                + "` shows, to connect without a manager");
            }
        } catch (TpException e) {
            findings.care("agentless", String.valueOf(e.getMessage()), e.nextStep());
        }
    }

    private void version(String theirs) {
        String own = Build.version();
        if (VersionSkew.works(own, theirs)) {
            findings.works(
                    "manager",
                    "ready, version " + theirs + (theirs.equals(own) ? "" : ", this tp is " + own));
        } else {
            findings.fails(
                    "manager",
                    "its version is " + theirs + ", this tp is " + own,
                    VersionSkew.nextStep(theirs));
        }
    }

    void transports(List<TransportState> states) {
        boolean any = states.stream().anyMatch(one -> one.verdict().equals("works"));
        for (TransportState one : states) {
            String name = "transport " + one.id();
            switch (one.verdict()) {
                case "works" -> findings.works(name, one.reason());
                case "unusable" -> findings.skipped(name, one.reason());
                default -> {
                    if (any) {
                        findings.care(name, one.reason(), "tp takes another that works");
                    } else {
                        findings.fails(
                                name,
                                one.reason(),
                                "see whether the manager's pod runs, and what is between:"
                                        + " 'kubectl get pods' in its namespace");
                    }
                }
            }
        }
    }

    void names(ClusterSession session) throws InterruptedException {
        findings.trying("the cluster's names");
        Welcome welcome = session.welcome();
        String name = "kubernetes.default.svc." + welcome.zone().clusterDomain();
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        session.query(ByteBuffer.wrap(AddressQuestion.of(name)), false, listener(answer));
        try {
            String lack = AddressQuestion.lack(answer.get(ANSWER_SECONDS, TimeUnit.SECONDS));
            if (lack.isEmpty()) {
                findings.works("cluster names", name + " is found");
            } else if (welcome.namespaces().contains("default")) {
                findings.fails("cluster names", name + ": " + lack, DNS_PODS);
            } else {
                findings.works("cluster names", "the cluster's DNS answers");
            }
        } catch (ExecutionException | TimeoutException e) {
            findings.fails("cluster names", "the cluster's DNS does not answer", DNS_PODS);
        }
    }

    private static DnsListener listener(CompletableFuture<byte[]> answer) {
        return new DnsListener() {
            @Override
            public void answered(ByteBuffer message) {
                byte[] bytes = new byte[message.remaining()];
                message.get(bytes);
                answer.complete(bytes);
            }

            @Override
            public void failed() {
                answer.completeExceptionally(new TimeoutException());
            }
        };
    }

    /**
     * @param host without devices of tp
     */
    void addresses(Welcome welcome, HostRoutes host) {
        List<Cidr> ranges = RoutePlan.clusterRanges(welcome);
        String overlaps =
                ranges.stream()
                        .filter(range -> host.overlap(range).isPresent())
                        .map(range -> range + " with " + host.overlap(range).orElseThrow())
                        .collect(Collectors.joining(", "));
        String all = ranges.stream().map(Cidr::toString).collect(Collectors.joining(", "));
        if (overlaps.isEmpty()) {
            findings.works("addresses", "nothing of this machine is in " + all);
        } else {
            findings.care(
                    "addresses",
                    "the cluster's ranges overlap this machine's: " + overlaps,
                    "names work, by virtual addresses; a VPN may have to be left for the rest");
        }
    }
}
