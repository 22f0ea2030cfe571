package tp.cli;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tp.control.PluginEntry;
import tp.control.StatusReport;

/** Candidates from kubeconfigs, the cluster, the session and the plug-ins of this machine. */
final class LiveSources implements Completion.Sources {

    /** Somebody has pressed a key and waits; with what it takes to start, this stays below 1 s. */
    private static final Duration PATIENCE = Duration.ofMillis(750);

    /** Shorter, so that the process they run in is ended before this one is. */
    private static final Duration PATIENCE_WITH_PLUGINS = PATIENCE.minusMillis(100);

    private final Map<String, String> environment;
    private final Daemon daemon;

    LiveSources(Map<String, String> environment, Daemon daemon) {
        this.environment = environment;
        this.daemon = daemon;
    }

    @Override
    public Map<String, String> contexts(Optional<String> kubeconfig) {
        Kubeconfig config = Kubeconfig.read(kubeconfig, environment);
        Map<String, String> contexts = new TreeMap<>();
        config.contexts()
                .forEach(
                        (name, context) ->
                                contexts.put(name, "cluster " + context.text("cluster")));
        return contexts;
    }

    @Override
    public Set<String> namespaces(Optional<String> kubeconfig, Optional<String> context) {
        Kubeconfig config = Kubeconfig.read(kubeconfig, environment);
        String chosen = config.chosen(context);
        Set<String> names = new TreeSet<>();
        Optional<Kubeconfig.Entry> own = config.context(chosen);
        if (own.isEmpty()) {
            return names;
        }
        String cluster = own.get().text("cluster");
        for (Kubeconfig.Entry other : config.contexts().values()) {
            if (other.text("cluster").equals(cluster) && !other.text("namespace").isEmpty()) {
                names.add(other.text("namespace"));
            }
        }
        Future<List<String>> granted = ask(() -> granted(chosen));
        Future<List<String>> listed = ask(() -> listed(config, own.get()));
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        names.addAll(answer(granted, endNs).orElse(List.of()));
        names.addAll(answer(listed, endNs).orElse(List.of()));
        return names;
    }

    /** What the session knows, where it is of that context: works whatever the credentials are. */
    private List<String> granted(String context) {
        StatusReport.Cluster cluster = StatusCommand.report(daemon).cluster();
        return cluster.context().equals(context) ? cluster.mappedNamespaces() : List.of();
    }

    private static List<String> listed(Kubeconfig config, Kubeconfig.Entry context) {
        return NamespaceQuery.of(config, context).map(NamespaceQuery::ask).orElse(List.of());
    }

    @Override
    public Map<String, String> intercepts() {
        Map<String, String> intercepts = new TreeMap<>();
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        answer(ask(() -> StatusCommand.report(daemon).intercepts()), endNs)
                .orElse(List.of())
                .forEach(one -> intercepts.put(one.name(), "namespace " + one.namespace()));
        return intercepts;
    }

    @Override
    public Map<String, String> providers(String point) {
        Map<String, String> providers = new TreeMap<>();
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        Future<List<PluginEntry>> plugins = ask(() -> daemon.plugins(PATIENCE_WITH_PLUGINS));
        for (PluginEntry plugin : answer(plugins, endNs).orElse(List.of())) {
            if (plugin.point().equals(point) && !plugin.verdict().equals("broken")) {
                providers.put(plugin.id(), plugin.verdict() + ": " + plugin.reason());
            }
        }
        return providers;
    }

    private static <T> Future<T> ask(Callable<T> question) {
        FutureTask<T> task = new FutureTask<>(question);
        Thread.ofPlatform().daemon().name("completion").start(task);
        return task;
    }

    /** {@return the answer, empty where it does not come in time or not at all} */
    private static <T> Optional<T> answer(Future<T> question, long endNs) {
        try {
            long leftNs = Math.max(0, endNs - System.nanoTime());
            return Optional.of(question.get(leftNs, TimeUnit.NANOSECONDS));
        } catch (ExecutionException | TimeoutException e) {
            // Whoever completes a word wants no message.
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
