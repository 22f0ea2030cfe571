package tp.testkit.load;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;

/** How long it takes to ask for names; beside each, what it is to be compared with. */
final class LookupTimes {

    /** Names that one round of {@link #first} asks for. */
    static final int FIRST_NAMES = 3;

    /** The size of a question for {@link #KNOWN}. */
    private static final int QUESTION_BYTES = 52;

    private static final String KNOWN = "tcp-echo.default.svc.cluster.local";

    private static final int LIMIT_MS = 5_000;

    /** Where nobody listens, so that the host itself says so after one round trip. */
    private static final int CLOSED_PORT = 1;

    private final Map<String, long[]> times = new HashMap<>();
    private final int count;
    private int done;

    private LookupTimes(int count) {
        this.count = count;
    }

    /** What is timed. */
    private interface Step {
        void run() throws IOException;
    }

    /**
     * One name, over and over, in turn with a bare echo.
     *
     * @param warmUp pairs that do not count
     * @return nanoseconds, {@code repeated} and {@code echo}
     */
    static Map<String, long[]> repeated(int warmUp, int count) throws IOException {
        try (NameClient names = new NameClient(NameClient.server());
                DatagramEcho echo = new DatagramEcho()) {
            new LookupTimes(warmUp).repeated(names, echo);
            return new LookupTimes(count).repeated(names, echo);
        }
    }

    private Map<String, long[]> repeated(NameClient names, DatagramEcho echo) throws IOException {
        for (; done < count; done++) {
            time("echo", () -> echo.ask(QUESTION_BYTES));
            time("repeated", () -> needsRecords(KNOWN, names.ask(KNOWN, NameClient.A)));
        }
        return times;
    }

    /**
     * Names that nobody has asked for: by one question, by two at once, and by the C library, which
     * asks for both families; in turn with a round trip on the way to the cluster.
     *
     * @param node the far end of that way
     * @param from how many names were asked for before
     * @return nanoseconds, {@code path}, {@code one}, {@code both} and {@code library}
     */
    static Map<String, long[]> first(String node, int from, int count) throws IOException {
        InetSocketAddress far = new InetSocketAddress(InetAddress.ofLiteral(node), CLOSED_PORT);
        try (NameClient names = new NameClient(NameClient.server())) {
            names.failAfter(LIMIT_MS);
            return new LookupTimes(count).first(far, names, new PodNames(from));
        }
    }

    private Map<String, long[]> first(InetSocketAddress far, NameClient names, PodNames fresh)
            throws IOException {
        for (; done < count; done++) {
            String one = fresh.next();
            String both = fresh.next();
            String library = fresh.next();
            time("path", () -> roundTrip(far));
            time("one", () -> needsRecords(one, names.ask(one, NameClient.A)));
            time("both", () -> needsRecords(both, names.ask(both, NameClient.A, NameClient.AAAA)));
            // The dot at the end keeps the search list out.
            time("library", () -> InetAddress.getAllByName(library + "."));
        }
        return times;
    }

    private void time(String what, Step step) throws IOException {
        long startNs = System.nanoTime();
        step.run();
        long tookNs = System.nanoTime() - startNs;
        times.computeIfAbsent(what, key -> new long[count])[done] = tookNs;
    }

    private static void needsRecords(String name, int records) throws IOException {
        if (records == 0) {
            throw new IOException("no address of " + name);
        }
    }

    private static void roundTrip(InetSocketAddress far) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(far, LIMIT_MS);
        } catch (ConnectException e) {
            return; // refused: the answer came
        }
        throw new IOException("somebody listens at " + far);
    }

    /**
     * Names of pods by their addresses: every address has one, whether a pod has it or not, so that
     * there are enough which are known to the cluster and to nobody else.
     */
    private static final class PodNames {

        private static final int PODS = 1 << 16;

        private int next;

        PodNames(int from) {
            next = from;
        }

        String next() {
            if (next >= PODS) {
                throw new IllegalStateException("all names were asked for");
            }
            int pod = next++;
            return "10-244-%d-%d.default.pod.cluster.local".formatted(pod >> 8, pod & 0xff);
        }
    }
}
