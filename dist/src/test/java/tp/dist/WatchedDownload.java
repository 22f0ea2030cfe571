package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import tp.testkit.laptop.Laptop;

/**
 * A download by curl, at which a test looks while it goes on: by one connection, which it asks for
 * once. Nothing of it is kept but its hash.
 */
final class WatchedDownload {

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /** Of what the transport may do, when nothing is wrong. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Laptop laptop;
    private final long bytes;
    private final Duration limit;

    private WatchedDownload(Laptop laptop, long bytes, Duration limit) {
        this.laptop = laptop;
        this.bytes = bytes;
        this.limit = limit;
    }

    /** Begins it; returns when a first part has come. */
    static WatchedDownload start(Laptop laptop, long bytes, Duration limit) throws Exception {
        laptop.run(
                """
                rm -f $T/hash $T/done $T/pid $T/error
                ( curl -fsS -m %d 'verylargedatastore.default:8080/bytes?size=%d' 2>$T/error |
                      sh -c 'echo $$ >"$0"; exec sha256sum' $T/pid >$T/hash
                  touch $T/done ) >/dev/null 2>&1 &"""
                        .formatted(limit.toSeconds(), bytes));
        WatchedDownload download = new WatchedDownload(laptop, bytes, limit);
        download.awaitPart(2_000_000);
        return download;
    }

    /** {@return how many bytes have come} */
    long part() throws Exception {
        String read = "sed -n 's/^rchar: //p' /proc/$(cat $T/pid 2>/dev/null)/io 2>/dev/null";
        String said = laptop.run("[ -e $T/done ] && echo " + bytes + " || " + read).output();
        return said.isEmpty() ? 0 : Long.parseLong(said);
    }

    void awaitPart(long wanted) throws Exception {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (part() < wanted) {
            assertThat(System.nanoTime()).as("%d bytes", wanted).isLessThan(deadlineNs);
        }
    }

    /** {@return how long it takes until a byte comes that had not come by then} */
    Duration untilMoreThan(long at) throws Exception {
        long beganNs = System.nanoTime();
        awaitPart(at + 1);
        return Duration.ofNanos(System.nanoTime() - beganNs);
    }

    boolean goesOn() throws Exception {
        return !laptop.run("[ -e $T/done ] && echo done").output().equals("done");
    }

    /** {@return the local port of its only connection} */
    String port() throws Exception {
        String ports = ports();
        assertThat(ports.lines()).as(ports).hasSize(1);
        return ports;
    }

    private String ports() throws Exception {
        return laptop.run("ss -Htnp state established | grep '\"curl\"' | awk '{print $3}'")
                .output();
    }

    /** It has that connection, or has ended at this moment, which is known a little later. */
    void assertOnOrOver(String port) throws Exception {
        String now = ports();
        if (now.isEmpty()) {
            String over =
                    "for i in $(seq 50); do [ ! -e $T/done ] || exit 0; sleep 0.1; done; exit 1";
            assertThat(laptop.run(over).exit()).as("no connection, and not the end").isZero();
        } else {
            assertThat(now).isEqualTo(port);
        }
    }

    /** Waits for its end. */
    void assertWhole() throws Exception {
        Laptop.Result result =
                laptop.run(
                        limit.plusSeconds(60),
                        """
                        until [ -e $T/done ]; do sleep 0.1; done; cat $T/hash $T/error
                        curl -fsS -m 60 'verylargedatastore.default:8080/sha256?size=%d'"""
                                .formatted(bytes));
        List<String> hashes =
                HASH.matcher(result.output()).results().map(one -> one.group()).toList();
        assertThat(hashes).as(result.output()).hasSize(2);
        assertThat(hashes.getFirst()).as(result.output()).isEqualTo(hashes.getLast());
    }
}
