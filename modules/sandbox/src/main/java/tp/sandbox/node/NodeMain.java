package tp.sandbox.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tp.sandbox.api.ApiServer;
import tp.sandbox.api.ApiSettings;
import tp.sandbox.dns.ClusterDns;
import tp.sandbox.dns.DnsResponder;
import tp.sandbox.dns.DnsServer;
import tp.sandbox.dns.OutsideDns;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.ResourceType;
import tp.sandbox.store.Resources;
import tp.spi.common.TpException;

/**
 * The process that is the cluster: it runs in the sandbox's namespaces, as the child of the shell
 * that is process 1 there. It tells its launcher how far it is on standard output.
 */
public final class NodeMain {

    private static final String NODE_NAME = "sandbox";
    private static final int DNS_PORT = 53;
    private static final int LAPTOP_PORT = 6443;
    private static final List<String> API_NAMES =
            List.of(
                    "kubernetes",
                    "kubernetes.default",
                    "kubernetes.default.svc",
                    "kubernetes.default.svc.cluster.local",
                    NodeNetwork.API_SERVICE_ADDRESS,
                    NodeNetwork.LAPTOP_SIDE_ADDRESS);
    private static final long READY_TIMEOUT_S = 90;
    private static final long READY_POLL_MS = 20;

    private final JavaRuntime runtime = JavaRuntime.current();
    private final Path plainJava = PlainJava.find(System.getenv()).orElse(runtime.home());
    private final ObjectStore store = new ObjectStore();
    private final ConcurrentMap<String, PodWorker> workers = new ConcurrentHashMap<>();

    private NodeMain() {}

    public static void main(String[] args) {
        try {
            new NodeMain().run();
        } catch (TpException e) {
            System.out.println(NodeWords.FAILED + e.line());
            System.exit(1);
        } catch (IOException | InterruptedException | RuntimeException e) {
            System.out.println(NodeWords.FAILED + "the sandbox cannot start: " + e);
            System.exit(1);
        }
    }

    private void run() throws IOException, InterruptedException {
        mountOwnFiles();
        tell("network");
        NodeNetwork.setUp();
        Laptop.start();
        tell("API server");
        ApiServer api = startApi();
        startControllers(api);
        startDns();
        new Orders(api, store, workers).start();
        tell("pods");
        Samples samples = Samples.load();
        samples.create(store);
        awaitReady(samples.pods());
        Files.writeString(Places.READY, "pods " + samples.pods() + "\n");
        System.out.println(NodeWords.READY);
        Thread.currentThread().join();
    }

    private static void mountOwnFiles() throws IOException {
        Commands.run(
                List.of("mount", "-t", "tmpfs", "-o", "mode=755,size=512m", "tmpfs", "/run"), "");
        Files.createDirectories(Places.TEMPORARY);
        Files.createDirectories(Places.ROOT.resolve("root"));
        Files.createDirectories(Places.PODS);
        Files.createDirectory(Path.of("/run/netns"));
        Commands.installScripts();
        // The launcher stops listening once the sandbox is ready.
        System.setErr(
                new PrintStream(new FileOutputStream(Places.LOG.toFile(), true), true, UTF_8));
    }

    /** Starts the API server, where pods and the laptop expect it. */
    private ApiServer startApi() throws IOException {
        ApiServer api =
                ApiServer.start(
                        new ApiSettings(
                                List.of(
                                        address(NodeNetwork.API_SERVICE_ADDRESS, 443),
                                        address(NodeNetwork.LAPTOP_SIDE_ADDRESS, LAPTOP_PORT)),
                                API_NAMES,
                                store,
                                new PodReach(workers),
                                () -> Instant.now().plus(Faults.clockAhead()),
                                Faults::ofTokens,
                                new AuditLog(Places.AUDIT)::write));
        String url = "https://" + NodeNetwork.LAPTOP_SIDE_ADDRESS + ":" + LAPTOP_PORT;
        writeSecret(Places.KUBECONFIG, api.kubeconfig("admin", url));
        Path others = Files.createDirectory(Places.ROOT.resolve("kubeconfigs"));
        for (String user : List.of("developer", "viewer", "forwarder")) {
            writeSecret(others.resolve(user), api.kubeconfig(user, url));
        }
        writeSecret(others.resolve("admin-certificate"), api.certificateKubeconfig("admin", url));
        return api;
    }

    private static void writeSecret(Path file, String text) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    private void startControllers(ApiServer api) throws IOException {
        Files.writeString(
                Places.ROOT.resolve("needed"),
                Stream.concat(runtime.needed().stream(), Stream.of(plainJava))
                        .distinct()
                        .map(path -> path + "\n")
                        .collect(Collectors.joining()));
        List<ResourceType> pods = List.of(Resources.REPLICA_SETS, Resources.PODS);
        List<ResourceType> sets = List.of(Resources.DEPLOYMENTS, Resources.REPLICA_SETS);
        List<ResourceType> services = List.of(Resources.SERVICES, Resources.PODS);
        Reconciler.start("deployments", store, sets, new Deployments(store)::reconcile);
        Reconciler.start("replicasets", store, pods, new ReplicaSets(store)::reconcile);
        List<ResourceType> stateful = List.of(Resources.STATEFUL_SETS, Resources.PODS);
        List<ResourceType> daemons =
                List.of(Resources.DAEMON_SETS, Resources.PODS, Resources.NODES);
        List<ResourceType> jobs = List.of(Resources.JOBS, Resources.PODS);
        Reconciler.start("statefulsets", store, stateful, new StatefulSets(store)::reconcile);
        Reconciler.start("daemonsets", store, daemons, new DaemonSets(store)::reconcile);
        Reconciler.start("jobs", store, jobs, new Jobs(store)::reconcile);
        Reconciler.start("slices", store, services, new EndpointSlices(store)::reconcile);
        List<ResourceType> mirrored = List.of(Resources.SERVICES, Resources.ENDPOINTS);
        Reconciler.start("mirror", store, mirrored, new EndpointsMirror(store)::reconcile);
        PodWorker.Node node =
                new PodWorker.Node(
                        NODE_NAME,
                        store,
                        new NodeNetwork(),
                        new Images(runtime, plainJava),
                        runtime,
                        new ApiCredentials(api),
                        new Events(store, "kubelet"));
        new Kubelet(node, workers).start();
        new ServiceProxy(store).start();
    }

    private void startDns() {
        DnsServer.start(dns(NodeNetwork.LAPTOP_SIDE_ADDRESS), new OutsideDns());
        ServiceNames names = new ServiceNames(store);

        Reconciler.start(
                "names",
                store,
                List.of(Resources.NAMESPACES, Resources.SERVICES, Resources.ENDPOINT_SLICES),
                names::reconcile);
        DnsResponder cluster = new ClusterDns(names::zone, OutsideDns.ofTheCluster());
        DnsServer.start(dns(NodeNetwork.DNS_SERVICE_ADDRESS), cluster, Faults::ofDns);
        if (NodeNetwork.HAS_IPV6) {
            DnsServer.start(dns(NodeNetwork.DNS_SERVICE_ADDRESS_V6), cluster, Faults::ofDns);
        }
    }

    private static InetSocketAddress dns(String address) {
        return address(address, DNS_PORT);
    }

    private static InetSocketAddress address(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private void awaitReady(long wanted) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_TIMEOUT_S);
        long told = -1;
        for (long ready = 0; ready < wanted; ready = Samples.readyPods(store)) {
            if (ready != told) {
                tell("pods ready: " + ready + " of " + wanted);
                told = ready;
            }
            if (System.nanoTime() > deadlineNs) {
                throw TpException.environment(
                        "only %d of %d sample pods became ready in %d s"
                                .formatted(ready, wanted, READY_TIMEOUT_S),
                        "is the machine short of memory?");
            }
            Thread.sleep(READY_POLL_MS);
        }
    }

    private static void tell(String step) {
        System.out.println(NodeWords.STEP + step);
    }
}
