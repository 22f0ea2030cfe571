package tp.daemon;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * A log in a file of the user's own; when it is full, it is put aside and the one before dropped.
 */
final class BoundedLog extends Handler {

    static final long MAX_BYTES = 4L << 20;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Vert.x, as it closes, ends its event loops before it tells itself so on one of them. */
    private static final String SHUTDOWN_NOISE =
            "io.netty.util.concurrent.DefaultPromise.rejectedExecution";

    private final Path file;
    private final long maxBytes;
    private final SimpleFormatter message = new SimpleFormatter();
    private OutputStream out;
    private long bytes;

    BoundedLog(Path file, long maxBytes) throws IOException {
        this.file = file;
        this.maxBytes = maxBytes;
        out = open(file);
        bytes = Files.size(file);
    }

    /** Makes it the only place that the logging of this process goes to. */
    static void install(Path file) throws IOException {
        LogManager.getLogManager().reset();
        Logger root = LogManager.getLogManager().getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(new BoundedLog(file, MAX_BYTES));
    }

    private static OutputStream open(Path file) throws IOException {
        // Several daemons may begin it at the same moment, and each then appends whole lines.
        return Channels.newOutputStream(
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------"))));
    }

    @Override
    public synchronized void publish(LogRecord record) {
        if (!isLoggable(record) || isChatter(record)) {
            return;
        }
        byte[] line = line(record).getBytes(StandardCharsets.UTF_8);
        try {
            if (bytes + line.length > maxBytes) {
                out.close();
                Path before = file.resolveSibling(file.getFileName() + ".1");
                Files.move(file, before, StandardCopyOption.REPLACE_EXISTING);
                out = open(file);
                bytes = 0;
            }
            out.write(line);
            bytes += line.length;
        } catch (IOException e) {
            // A full disk must not end the session; what is lost is the log.
        }
    }

    /** What libraries say of their daily business. */
    private static boolean isChatter(LogRecord record) {
        return !isOurs(record)
                && (record.getLevel().intValue() < Level.WARNING.intValue()
                        || SHUTDOWN_NOISE.equals(record.getLoggerName()));
    }

    private static boolean isOurs(LogRecord record) {
        return String.valueOf(record.getLoggerName()).startsWith("tp.");
    }

    private String line(LogRecord record) {
        StringWriter text = new StringWriter();
        text.append(TIME.format(Clock.systemUTC().instant()))
                .append(' ')
                .append(record.getLevel().getName())
                .append(' ')
                .append(record.getLoggerName())
                .append(": ")
                .append(message.formatMessage(record))
                .append('\n');
        // A library's stack trace tells of the library; what it means for us we log ourselves.
        if (record.getThrown() != null && isOurs(record)) {
            record.getThrown().printStackTrace(new PrintWriter(text, true));
        }
        return text.toString();
    }

    @Override
    public void flush() {}

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            // Nothing is left to tell it to.
        }
    }
}
