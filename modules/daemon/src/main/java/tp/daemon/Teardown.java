package tp.daemon;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was begun, to be ended in the opposite order; one failure does not keep the rest. */
final class Teardown implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Teardown.class.getName());

    private record Step(String name, AutoCloseable action) {}

    private final Deque<Step> steps = new ArrayDeque<>();

    synchronized void add(String name, AutoCloseable action) {
        steps.push(new Step(name, action));
    }

    @Override
    public synchronized void close() {
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            long began = System.nanoTime();
            try {
                step.action().close();
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "ending the " + step.name(), e);
            }
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "{0} ended in {1} ms",
                    step.name(),
                    (System.nanoTime() - began) / 1_000_000);
        }
    }
}
