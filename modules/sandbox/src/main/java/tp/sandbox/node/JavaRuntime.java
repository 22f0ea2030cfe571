package tp.sandbox.node;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How to start another Java program that belongs to this one: out of the runtime image, or, where
 * there is none (tests), from the module path that this process runs on.
 *
 * @param home the Java home
 * @param modulePath empty in a runtime image
 * @param tpHome the root of the finished image, if this process runs in one
 */
public record JavaRuntime(Path home, List<Path> modulePath, Optional<Path> tpHome) {

    /** Options of a program that serves one sample: small, quick to start, no file in /tmp. */
    static final List<String> SMALL =
            List.of(
                    "-Xmx32m",
                    "-Xss512k",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-Xshare:auto");

    public static JavaRuntime current() {
        List<Path> modules = new ArrayList<>();
        for (String entry :
                System.getProperty("jdk.module.path", "").split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                modules.add(Path.of(entry).toAbsolutePath());
            }
        }
        return new JavaRuntime(
                Path.of(System.getProperty("java.home")),
                List.copyOf(modules),
                Optional.ofNullable(System.getProperty("tp.home")).map(Path::of));
    }

    public String java() {
        return home.resolve("bin/java").toString();
    }

    /** {@return the command line that runs a main class with options of its own} */
    public List<String> command(List<String> options, String moduleAndClass, List<String> args) {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(options);
        command.addAll(launchOptions());
        command.add("-m");
        command.add(moduleAndClass);
        command.addAll(args);
        return command;
    }

    /** {@return directories and files that a process must see at their own places to run this} */
    public List<Path> needed() {
        List<Path> needed = new ArrayList<>(modulePath);
        needed.add(home);
        tpHome.ifPresent(needed::add);
        return needed;
    }

    private List<String> launchOptions() {
        List<String> options = new ArrayList<>();
        tpHome.ifPresent(path -> options.add("-Dtp.home=" + path));
        if (!modulePath.isEmpty()) {
            options.add("-p");
            options.add(
                    String.join(
                            File.pathSeparator, modulePath.stream().map(Path::toString).toList()));
        }
        return options;
    }

    /** {@return the first line of {@code text}, for messages to people} */
    static String firstLine(@Nullable String text) {
        return text == null ? "" : text.lines().findFirst().orElse("");
    }
}
