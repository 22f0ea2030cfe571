package tp.kube;

import java.time.Duration;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/** Time for what waits, so that tests need none. */
interface Pace {

    long nowNs();

    void pause(Duration time);

    /** {@return the machine's own time} */
    static Pace ofSystem() {
        return new Pace() {
            @Override
            public long nowNs() {
                return System.nanoTime();
            }

            @Override
            public void pause(Duration time) {
                try {
                    Thread.sleep(time);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new TpException(
                            Category.TRANSIENT, "interrupted while waiting", "try again", e);
                }
            }
        };
    }
}
