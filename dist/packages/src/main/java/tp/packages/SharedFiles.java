package tp.packages;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes what goes below {@code /usr/share}: the man page, whose part about commands is what each of
 * them says of itself, and the completions.
 */
final class SharedFiles {

    /** In the list of commands that {@code tp --help} ends with. */
    private static final Pattern COMMAND = Pattern.compile("^  ([a-z-]+) {2,}\\S.*");

    private final String tp;

    private SharedFiles(String tp) {
        this.tp = tp;
    }

    /**
     * @param arguments the launcher, the man page without commands, the folder to fill
     */
    public static void main(String[] arguments) throws Exception {
        SharedFiles files = new SharedFiles(arguments[0]);
        Path share = Path.of(arguments[2]);
        String page = Files.readString(Path.of(arguments[1]));
        write(
                share.resolve("man/man1/tp.1"),
                page.replace("@VERSION@", files.said("--version").strip())
                        .replace("@COMMANDS@\n", files.commands()));
        write(share.resolve("bash-completion/completions/tp"), files.said("completion", "bash"));
        write(share.resolve("zsh/vendor-completions/_tp"), files.said("completion", "zsh"));
        write(share.resolve("fish/vendor_completions.d/tp.fish"), files.said("completion", "fish"));
    }

    private String commands() throws IOException, InterruptedException {
        List<String> names =
                said("--help")
                        .lines()
                        .map(COMMAND::matcher)
                        .filter(matcher -> matcher.matches())
                        .map(matcher -> matcher.group(1))
                        .toList();
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            text.append(".SS tp ").append(escaped(name)).append("\n.nf\n");
            text.append(
                    said(name, "--help")
                            .lines()
                            .map(SharedFiles::escaped)
                            .collect(Collectors.joining("\n", "", "\n")));
            text.append(".fi\n");
        }
        return text.toString();
    }

    /** As groff_char(7) has it; a dot or a quote that begins a line would be a request. */
    private static String escaped(String line) {
        String text = line.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga");
        return text.startsWith(".") || text.startsWith("'") ? "\\&" + text : text;
    }

    private String said(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(tp);
        builder.command().addAll(List.of(arguments));
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("tp " + String.join(" ", arguments) + " failed");
        }
        return said;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
