package tp.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import tp.testkit.laptop.Laptop;
import tp.testkit.load.LaptopLoad;

/**
 * A laptop to measure on, and what to compare.
 *
 * @param tcp TCP's congestion control on an emulated link
 */
record Bench(Laptop laptop, List<String> transports, String tcp) {

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(90);

    /** What is measured over one connected transport. */
    interface Work<T> {
        T run(LaptopLoad load) throws IOException, InterruptedException;
    }

    /** The first connect does it; no other is to pay for it. */
    void installManager() throws IOException, InterruptedException {
        good("tp connect && tp quit");
    }

    /**
     * {@return the transports in the order of that repetition: forwards, backwards, forwards...}
     */
    List<String> order(int repetition) {
        return repetition % 2 == 0 ? transports : transports.reversed();
    }

    /** Connects, works, and leaves. */
    <T> T over(String transport, Work<T> work) throws IOException, InterruptedException {
        return connected("--transport=" + transport, work);
    }

    /** The same, and this host is made to ask tp by that strategy. */
    <T> T over(String transport, String strategy, Work<T> work)
            throws IOException, InterruptedException {
        return connected("--transport=" + transport + " --dns=" + strategy, work);
    }

    private <T> T connected(String flags, Work<T> work) throws IOException, InterruptedException {
        good("tp connect " + flags);
        try {
            return work.run(new LaptopLoad(laptop));
        } finally {
            good("tp quit");
        }
    }

    private void good(String script) throws IOException, InterruptedException {
        Laptop.Result result = laptop.run(CONNECT_LIMIT, script);
        if (result.exit() != 0) {
            throw new IOException(script + " failed: " + result.output());
        }
    }

    static void progress(String line) {
        System.err.println(line);
    }
}
