package tp.connector;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** Finds out, while a session is being opened, which of its namespaces do not exist. */
final class NamespaceCheck {

    /** More than people type; what is beyond is taken to exist. */
    private static final int MOST = 32;

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);

    private final Map<String, FutureTask<Boolean>> questions = new TreeMap<>();

    private NamespaceCheck() {}

    /**
     * @param lacking may block
     */
    static NamespaceCheck begin(Collection<String> names, Predicate<String> lacking) {
        NamespaceCheck check = new NamespaceCheck();
        names.stream()
                .sorted()
                .limit(MOST)
                .forEach(
                        name -> {
                            FutureTask<Boolean> question =
                                    new FutureTask<>(() -> lacking.test(name));
                            check.questions.put(name, question);
                            Thread.ofVirtual().name("namespace-check").start(question);
                        });
        return check;
    }

    /** {@return what is known by now, or in a moment} Never fails: it is for a warning only. */
    NamedNamespaces result() {
        long endNs = System.nanoTime() + PATIENCE_NS;
        Set<String> missing = new TreeSet<>();
        questions.forEach(
                (name, question) -> {
                    if (isTrue(question, endNs - System.nanoTime())) {
                        missing.add(name);
                    }
                });
        return new NamedNamespaces(new TreeSet<>(questions.keySet()), missing);
    }

    private static boolean isTrue(FutureTask<Boolean> question, long leftNs) {
        try {
            return question.get(Math.max(0, leftNs), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
