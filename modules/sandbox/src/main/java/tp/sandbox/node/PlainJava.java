package tp.sandbox.node;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Java runtime of this machine with nothing of tp in it: what runs in place of an image that has
 * Java and no more. The sandbox's own would not do, since modules that are in a runtime come before
 * those on its module path.
 */
final class PlainJava {

    static final int OLDEST = 25;

    /** Where distributions and images put them. */
    private static final List<Path> PLACES =
            List.of(Path.of("/usr/lib/jvm"), Path.of("/usr/java"), Path.of("/opt/java"));

    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d{1,4})\\b.*");

    private PlainJava() {}

    /**
     * {@return a Java home}
     *
     * @param environment its {@code JAVA_HOME} comes first, then the Java on its {@code PATH}
     * @return empty where there is none that is new enough
     */
    static Optional<Path> find(Map<String, String> environment) {
        List<Path> homes = new ArrayList<>();
        homes.add(Path.of(environment.getOrDefault("JAVA_HOME", "/")));
        homes.add(Path.of(Commands.tool("java")));
        PLACES.forEach(place -> homes.addAll(children(place)));
        return homes.stream()
                .map(PlainJava::home)
                .flatMap(Optional::stream)
                .filter(PlainJava::isNewEnough)
                .findFirst();
    }

    private static List<Path> children(Path place) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place)) {
            entries.forEach(children::add);
        } catch (IOException e) {
            return List.of(); // not there
        }
        return children.stream().sorted().toList();
    }

    /** The program on the path is a link into its home. */
    private static Optional<Path> home(Path place) {
        try {
            Path real = place.toRealPath();
            return Optional.of(
                    real.endsWith("bin/java") ? real.resolve("../..").normalize() : real);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Every runtime that jlink made has a file that says what is in it. */
    static boolean isNewEnough(Path home) {
        try {
            List<String> release = Files.readAllLines(home.resolve("release"));
            return Files.isExecutable(home.resolve("bin/java"))
                    && release.stream().anyMatch(PlainJava::isVersion)
                    && release.stream().noneMatch(line -> line.contains(" tp.manager"));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isVersion(String line) {
        Matcher version = VERSION.matcher(line);
        return version.matches() && Integer.parseInt(version.group(1)) >= OLDEST;
    }
}
