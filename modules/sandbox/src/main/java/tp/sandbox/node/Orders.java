package tp.sandbox.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;
import tp.sandbox.api.ApiServer;
import tp.sandbox.store.ObjectStore;
import tp.sandbox.store.Resources;

/**
 * Does what {@code tp sandbox fault} wants to be done, and not only looked up. An order is a file;
 * it is gone when it is obeyed.
 */
final class Orders {

    static final String API = "api";
    static final String MANAGER = "manager";

    private static final System.Logger LOG = System.getLogger("tp.sandbox");
    private static final String RESTART = "restart,";
    private static final String MANAGER_NAME = "tp-manager";

    private final ApiServer api;
    private final ObjectStore store;
    private final Map<String, PodWorker> workers;

    /**
     * @param workers of the pods that are here, by uid
     */
    Orders(ApiServer api, ObjectStore store, Map<String, PodWorker> workers) {
        this.api = api;
        this.store = store;
        this.workers = workers;
    }

    static Path file(String what) {
        return Places.ORDERS.resolve(what);
    }

    /** Begins to obey; what was ordered before is obeyed too. */
    void start() throws IOException {
        Files.createDirectories(Places.ORDERS);
        WatchService watch = Places.ORDERS.getFileSystem().newWatchService();
        Places.ORDERS.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        Thread.ofPlatform().daemon().name("orders").start(() -> obeyAll(watch));
    }

    private void obeyAll(WatchService watch) {
        try {
            while (true) {
                obey(API, this::api);
                obey(MANAGER, this::manager);
                WatchKey key = watch.take();
                key.pollEvents();
                key.reset();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void obey(String what, Predicate<String> order) {
        Path file = file(what);
        try {
            if (Files.exists(file)) {
                String value = Files.readString(file).strip();
                if (!order.test(value)) {
                    LOG.log(System.Logger.Level.WARNING, "no order: {0}={1}", what, value);
                }
                Files.deleteIfExists(file);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "not obeyed: " + what, e);
        }
    }

    private boolean api(String value) {
        if (value.startsWith(RESTART)) {
            api.restart(Duration.ofSeconds(Integer.parseInt(value.substring(RESTART.length()))));
        } else if (value.equals("freeze")) {
            api.freeze();
        } else {
            api.goOn();
        }
        return true;
    }

    private boolean manager(String value) {
        List<Container> programs = managers().toList();
        programs.forEach(value.equals("kill") ? Container::crash : Container::askToEnd);
        return !programs.isEmpty();
    }

    private Stream<Container> managers() {
        return store.list(Resources.PODS, "").stream()
                .filter(Orders::isManager)
                .flatMap(pod -> Optional.ofNullable(workers.get(Json.uid(pod))).stream())
                .flatMap(worker -> worker.container("").stream());
    }

    private static boolean isManager(ObjectNode pod) {
        return Pods.label(pod, "app.kubernetes.io/name").equals(MANAGER_NAME);
    }
}
