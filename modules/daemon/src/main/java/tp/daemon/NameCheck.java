package tp.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import tp.dns.HostQuestion;
import tp.dns.NoSuchName;

/**
 * Finds out whether the host's own resolver asks tp. Names that nobody has asked for before are
 * looked up in both ways that programs have: by the C library, and by a question to the first
 * server of {@code /etc/resolv.conf}. Each has to arrive here, and what is answered to arrive
 * there; what the answer is does not matter, and says nothing about the host.
 */
final class NameCheck implements NameServer {

    /** For the question to come here, which glibc asks again after five seconds. */
    private static final long ASKED_MS = 4_000;

    /**
     * For the answer to arrive, of which there may be more than one: the library asks for A and
     * AAAA.
     */
    private static final long ANSWERED_MS = 6_000;

    private final NameServer inner;
    private final RandomGenerator random;
    private volatile List<Sought> sought = List.of();

    /** A name under way. */
    private static final class Sought {
        private final String label;
        private final byte[] bytes;
        private final CountDownLatch seen = new CountDownLatch(1);
        private final CountDownLatch answered = new CountDownLatch(1);

        Sought(String label) {
            this.label = label;
            bytes = label.getBytes(StandardCharsets.US_ASCII);
        }

        /** {@return what went wrong, empty if nothing did} */
        String failure(long beganNs) throws InterruptedException {
            if (!await(seen, beganNs, ASKED_MS)) {
                return "does not ask tp";
            }
            return await(answered, beganNs, ANSWERED_MS) ? "" : "asks tp, but gets no answer";
        }

        private static boolean await(CountDownLatch latch, long beganNs, long withinMs)
                throws InterruptedException {
            long left = beganNs + TimeUnit.MILLISECONDS.toNanos(withinMs) - System.nanoTime();
            return latch.await(left, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * What came of it.
     *
     * @param failure why names are not found here, empty if they are
     * @param warning which programs do not find them nevertheless, empty if all do
     */
    record Outcome(String failure, String warning) {}

    NameCheck(NameServer inner, RandomGenerator random) {
        this.inner = inner;
        this.random = random;
    }

    @Override
    public void resolve(ByteBuffer query, boolean tcp, Consumer<ByteBuffer> answer) {
        for (Sought one : sought) {
            if (holds(query, one.bytes)) {
                one.seen.countDown();
                NoSuchName.answer(query, tcp, answer);
                return;
            }
        }
        inner.resolve(query, tcp, answer);
    }

    /**
     * Looks names of that domain up. For one thread at a time.
     *
     * @param server the first of {@code /etc/resolv.conf}
     */
    Outcome run(String clusterDomain, Optional<InetSocketAddress> server)
            throws InterruptedException {
        Sought library = new Sought(label());
        Sought direct = new Sought(label());
        sought = List.of(library, direct);
        try {
            long beganNs = System.nanoTime();
            String suffix = ".default.svc." + clusterDomain;
            Thread.ofPlatform()
                    .daemon()
                    .name("name-check")
                    .start(() -> lookUp(library.label + suffix, library.answered));
            server.ifPresent(
                    at -> HostQuestion.ask(at, direct.label + suffix, direct.answered::countDown));
            String failure = library.failure(beganNs);
            if (!failure.isEmpty()) {
                return new Outcome("this host's resolver " + failure, "");
            }
            String gap = server.isPresent() ? direct.failure(beganNs) : "";
            return new Outcome("", gap.isEmpty() ? "" : warning(server.get(), gap));
        } finally {
            sought = List.of();
        }
    }

    private static String warning(InetSocketAddress server, String gap) {
        return "programs that ask "
                + server.getAddress().getHostAddress()
                + " themselves do not find the cluster's names: it "
                + gap;
    }

    private String label() {
        return "tp-check-" + Long.toHexString(random.nextLong());
    }

    private static void lookUp(String name, CountDownLatch answered) {
        try {
            InetAddress.getAllByName(name);
        } catch (UnknownHostException e) {
            // Most likely. That it is known now is what counts.
        }
        answered.countDown();
    }

    private static boolean holds(ByteBuffer query, byte[] label) {
        int last = query.limit() - label.length;
        for (int at = query.position(); at <= last; at++) {
            int length = 0;
            while (length < label.length
                    && (query.get(at + length) | 0x20) == (label[length] | 0x20)) {
                length++;
            }
            if (length == label.length) {
                return true;
            }
        }
        return false;
    }
}
