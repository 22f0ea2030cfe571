package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Waits for the end of what goes on by itself. */
final class Quiet {

    private static final int QUIET_MS = 300;
    private static final int TRIES = 30;

    /** As the kernel counts processor time, by the hundredth of a second. */
    private static final int TICK_MS = 10;

    private Quiet() {}

    /** {@return the number, when it has stopped to change} */
    static long of(LongSupplier number) throws InterruptedException {
        long last = number.getAsLong();
        for (int i = 0; i < TRIES; i++) {
            pause();
            long now = number.getAsLong();
            if (now == last) {
                return now;
            }
            last = now;
        }
        throw new AssertionError("still changing: " + last);
    }

    /** A loop that is told the same again and again takes a whole processor. */
    static void assertLoopsRest() throws IOException, InterruptedException {
        long before = loopTicks();
        pause();
        assertThat((loopTicks() - before) * TICK_MS)
                .as("ms of processor time of the loops in %d ms", QUIET_MS)
                .isLessThan(QUIET_MS / 2);
    }

    private static void pause() throws InterruptedException {
        assertThat(new CountDownLatch(1).await(QUIET_MS, TimeUnit.MILLISECONDS)).isFalse();
    }

    /** proc(5): names in parentheses, which are 15 bytes at most; utime and stime are 14 and 15. */
    private static long loopTicks() throws IOException {
        long ticks = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                ticks += ticks(task.resolve("stat"));
            }
        }
        return ticks;
    }

    private static long ticks(Path stat) throws IOException {
        String line;
        try {
            line = Files.readString(stat);
        } catch (NoSuchFileException e) {
            return 0;
        }
        if (!line.contains("(multiThreadIoEv")) {
            return 0;
        }
        String[] fields = line.substring(line.indexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
