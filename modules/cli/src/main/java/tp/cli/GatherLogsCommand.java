package tp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tp.control.Build;
import tp.control.StateDirectory;
import tp.spi.common.IoReason;
import tp.spi.common.TpException;

@Command(
        name = "gather-logs",
        description = "Writes one archive of what a report of a problem needs.",
        footer = {
            "",
            "Tokens, passwords and private keys are masked; names of hosts, namespaces and contexts",
            "are not. Look into the archive before you give it away."
        })
final class GatherLogsCommand implements Callable<Integer> {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    /** Twice the daemon's log when it is full. */
    private static final int MAX_BYTES = 8 << 20;

    /** Variables of the environment that change what tp does. */
    private static final Pattern TELLING = Pattern.compile("TP_|XDG_|KUBECONFIG$");

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Where to write it; else tp-logs-TIME.zip in this folder.")
    private @Nullable String file;

    private final Map<String, String> environment;
    private final Daemon daemon;
    private final Terminal terminal;

    GatherLogsCommand(Map<String, String> environment, Daemon daemon, Terminal terminal) {
        this.environment = environment;
        this.daemon = daemon;
        this.terminal = terminal;
    }

    /** One file of the archive. */
    @FunctionalInterface
    interface Piece {
        String read() throws IOException;
    }

    @Override
    public Integer call() {
        Path archive = Path.of(Optional.ofNullable(file).orElseGet(GatherLogsCommand::usualName));
        try (Progress progress = Progress.on(terminal.err(), terminal.errLook())) {
            progress.pass("Gathering ...");
            write(archive, pieces());
        } catch (FileAlreadyExistsException e) {
            throw TpException.usage(
                    archive + " is there already", "remove it, or give another --file");
        } catch (IOException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "cannot write " + archive + ": " + IoReason.of(e),
                    "give a --file elsewhere",
                    e);
        }
        terminal.out().println("Wrote " + archive);
        return Main.done();
    }

    private static String usualName() {
        return "tp-logs-" + TIME.format(LocalDateTime.now(ZoneId.systemDefault())) + ".zip";
    }

    /** Writes the whole of it, or leaves nothing. */
    static void write(Path archive, Map<String, Piece> pieces) throws IOException {
        boolean whole = false;
        OutputStream out = created(archive);
        try (ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            for (Map.Entry<String, Piece> piece : pieces.entrySet()) {
                zip.putNextEntry(new ZipEntry("tp-logs/" + piece.getKey()));
                zip.write(Masked.of(text(piece.getValue())).getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
            zip.finish();
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(archive);
            }
        }
    }

    /** For its owner alone: logs name hosts and namespaces. */
    private static OutputStream created(Path archive) throws IOException {
        return Channels.newOutputStream(
                Files.newByteChannel(
                        archive,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        StateDirectory.PRIVATE_FILE));
    }

    /** What cannot be had says why in its place. */
    private static String text(Piece piece) {
        try {
            return piece.read();
        } catch (NoSuchFileException e) {
            return "there is none\n";
        } catch (TpException e) {
            return "not to be had: " + e.line() + "\n";
        } catch (IOException | RuntimeException e) {
            return "not to be had: " + e + "\n";
        }
    }

    private Map<String, Piece> pieces() {
        StateDirectory state = daemon.state();
        Path log = state.log();
        Map<String, Piece> pieces = new LinkedHashMap<>();
        pieces.put("machine.txt", this::machine);
        pieces.put("host.txt", () -> String.join("\n", HostPicture.take().facts()) + "\n");
        pieces.put(
                "status.json", () -> JsonText.of(StatusDocument.of(StatusCommand.report(daemon))));
        pieces.put(
                "plugins.json",
                () ->
                        JsonText.of(
                                PluginsCommand.document(daemon.plugins(PluginsCommand.PATIENCE))));
        for (Path one :
                List.of(log, log.resolveSibling(log.getFileName() + ".1"), state.output())) {
            pieces.put(one.getFileName().toString(), () -> end(one));
        }
        return pieces;
    }

    private String machine() throws IOException {
        StringBuilder text = new StringBuilder("tp " + Build.version() + "\n");
        for (String name : new String[] {"os.name", "os.version", "os.arch", "java.version"}) {
            text.append(name).append(' ').append(System.getProperty(name, "?")).append('\n');
        }
        environment.entrySet().stream()
                .filter(one -> TELLING.matcher(one.getKey()).lookingAt())
                .sorted(Map.Entry.comparingByKey())
                .forEach(one -> text.append(one).append('\n'));
        return text + end(Path.of("/etc/os-release"));
    }

    /** {@return the file, or as much of its end as is reasonable} */
    private static String end(Path path) throws IOException {
        long skipped = Math.max(0, Files.size(path) - MAX_BYTES);
        try (InputStream in = Files.newInputStream(path)) {
            in.skipNBytes(skipped);
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        }
    }
}
