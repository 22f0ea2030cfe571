package tp.kube;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import tp.spi.common.TpException;

/** Answers of calls that were made side by side. */
final class Answers {

    private Answers() {}

    /**
     * {@return what the call gave} Waits for it.
     *
     * @throws TpException what the call threw
     */
    static <T> T of(FutureTask<T> call) {
        try {
            return call.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TpException told) {
                throw told;
            }
            throw new IllegalStateException("a call of the API server", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TpException(TpException.Category.TRANSIENT, "interrupted", "", e);
        }
    }
}
