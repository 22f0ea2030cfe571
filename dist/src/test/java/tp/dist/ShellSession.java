package tp.dist;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tp.testkit.laptop.Laptop;

/** An interactive shell on a pseudo terminal, at whose keyboard a test sits. */
final class ShellSession implements AutoCloseable {

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);

    private final Process process;
    private final OutputStream keyboard;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final StringBuilder screen = new StringBuilder();
    private int seen;
    private boolean ended;

    private ShellSession(Process process) {
        this.process = process;
        keyboard = process.getOutputStream();
        Thread.ofVirtual().start(this::read);
    }

    /** {@return a shell that runs in the laptop of a fresh sandbox} */
    static ShellSession inSandbox(String shell) throws IOException {
        return start(Laptop.tp().toString(), "sandbox", "run", "--", shell);
    }

    private static ShellSession start(String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        "script",
                        "-qec",
                        "stty cols 200 rows 50; exec " + String.join(" ", command),
                        "/dev/null");
        builder.environment().put("TERM", "xterm");
        builder.environment().put("PATH", Laptop.tp().getParent() + ":" + System.getenv("PATH"));
        return new ShellSession(builder.redirectErrorStream(true).start());
    }

    void type(String keys) throws IOException {
        keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    /** {@return what came on the screen, up to the first match of that pattern} */
    Matcher await(Pattern pattern) throws InterruptedException {
        long left = PATIENCE_NS;
        lock.lock();
        try {
            while (true) {
                Optional<Matcher> found = find(pattern);
                if (found.isPresent()) {
                    return found.get();
                }
                if (ended || left <= 0) {
                    throw new AssertionError("no " + pattern + " in: " + screen.substring(seen));
                }
                left = written.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private Optional<Matcher> find(Pattern pattern) {
        Matcher matcher = pattern.matcher(screen.substring(seen));
        if (!matcher.find()) {
            return Optional.empty();
        }
        seen += matcher.end();
        return Optional.of(matcher);
    }

    private void read() {
        byte[] bytes = new byte[4_096];
        try (InputStream output = process.getInputStream()) {
            for (int count = output.read(bytes); count > 0; count = output.read(bytes)) {
                show(new String(bytes, 0, count, StandardCharsets.ISO_8859_1), false);
            }
        } catch (IOException e) {
            // The terminal is gone, as it is when the shell ends.
        }
        show("", true);
    }

    private void show(String text, boolean last) {
        lock.lock();
        try {
            screen.append(text);
            ended = last;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        // An end of file ends a shell only where nothing is typed.
        type("\u0015exit\n");
        keyboard.close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
