package tp.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process for all time of this boot: numbers are used again, a number with its start time is not.
 *
 * @param pid its number
 * @param startTicks when it started, in clock ticks since boot
 */
public record ProcessIdentity(long pid, long startTicks) {

    /** {@return the process with that number, if there is one that has not ended} */
    public static Optional<ProcessIdentity> of(long pid) {
        return stat(pid).map(fields -> new ProcessIdentity(pid, Long.parseLong(fields[19])));
    }

    /** {@return this process} */
    public static ProcessIdentity current() {
        long pid = ProcessHandle.current().pid();
        return of(pid).orElseThrow(() -> new IllegalStateException("/proc is not mounted"));
    }

    /** {@return the number of its parent, 0 if it has ended} */
    public static long parentOf(long pid) {
        return stat(pid).map(fields -> Long.parseLong(fields[1])).orElse(0L);
    }

    /** {@return whether it runs} One that ended and was not waited for does not. */
    public boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** The fields behind the name (proc_pid_stat(5)): state is 0, parent 1, start time 19. */
    private static Optional<String[]> stat(long pid) {
        try {
            String line =
                    Files.readString(
                            Path.of("/proc", Long.toString(pid), "stat"),
                            StandardCharsets.ISO_8859_1);
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
            boolean ended = fields[0].equals("Z") || fields[0].equals("X");
            return ended || fields.length < 20 ? Optional.empty() : Optional.of(fields);
        } catch (IOException | IndexOutOfBoundsException ignored) {
            return Optional.empty();
        }
    }
}
