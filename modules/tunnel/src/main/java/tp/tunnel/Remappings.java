package tp.tunnel;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A client's changes of its mapping that the manager has not answered yet, by their numbers. */
final class Remappings {

    /** Guarded by this, as is all below. */
    private final Map<Integer, CompletableFuture<String>> open = new HashMap<>();

    private int last;
    private @Nullable String end;

    /** {@return the number of a new one} */
    synchronized int begin() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        open.put(++last, answer);
        if (end != null) {
            answer.completeExceptionally(new IOException(end));
        }
        return last;
    }

    synchronized void answered(int number, String reason) {
        CompletableFuture<String> answer = open.get(number);
        if (answer != null) {
            answer.complete(reason);
        }
    }

    /** The session is over: nobody answers any more. */
    synchronized void ended(String reason) {
        end = reason;
        open.values().forEach(one -> one.completeExceptionally(new IOException(reason)));
    }

    /**
     * {@return why the manager refuses it, empty where it does not}
     *
     * @throws IOException where no answer comes
     */
    String await(int number, Duration limit) throws IOException, InterruptedException {
        try {
            return answer(number).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(cause == null ? "no answer" : cause.getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the manager did not answer within " + limit.toMillis() + " ms", e);
        } finally {
            forget(number);
        }
    }

    private synchronized CompletableFuture<String> answer(int number) {
        return open.getOrDefault(
                number, CompletableFuture.failedFuture(new IOException("not asked")));
    }

    private synchronized void forget(int number) {
        open.remove(number);
    }
}
