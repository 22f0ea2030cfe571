package tp.sandbox.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The "images" that the sandbox knows: names of programs that it brings along. They need no
 * registry and no layer; their programs run on the sandbox's own Java runtime.
 */
final class Images {

    private static final String SAMPLES = "tp.sandbox/" + SampleProgram.PACKAGE + ".";

    /**
     * What an image would run by itself.
     *
     * @param javaHome of the Java that its programs find
     */
    record Image(List<String> entrypoint, List<String> arguments, Path javaHome) {

        /** {@return the command of a container; its own command replaces both of the image's} */
        List<String> command(List<String> command, List<String> args) {
            if (!command.isEmpty()) {
                return concat(command, args);
            }
            return concat(entrypoint, args.isEmpty() ? arguments : args);
        }

        private static List<String> concat(List<String> first, List<String> second) {
            return Stream.concat(first.stream(), second.stream()).toList();
        }
    }

    private final Map<String, Image> known = new TreeMap<>();
    private final Path ownJava;

    /**
     * @param plainJava the home of a Java that has nothing of tp in it; that of the sandbox itself
     *     where there is no other
     */
    Images(JavaRuntime runtime, Path plainJava) {
        ownJava = runtime.home();
        for (SampleProgram sample : SampleProgram.ALL) {
            add(
                    sample.image(),
                    runtime.command(sample.options(), SAMPLES + sample.main(), List.of()),
                    sample.arguments().toArray(String[]::new));
        }
        add("tp.sandbox/idle", List.of("sleep"), "infinity");
        add(
                "tp.dev/manager",
                runtime.command(
                        List.of(
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:-UsePerfData",
                                "--illegal-native-access=allow"),
                        "tp.manager/tp.manager.Main",
                        List.of()));
        known.put(
                "eclipse-temurin",
                new Image(
                        List.of(),
                        List.of(plainJava.resolve("bin/java").toString(), "--version"),
                        plainJava));
    }

    private void add(String name, List<String> entrypoint, String... arguments) {
        known.put(name, new Image(entrypoint, List.of(arguments), ownJava));
    }

    /**
     * @param reference as in a pod: registry, tag and digest do not matter here
     */
    Optional<Image> find(String reference) {
        String name = reference.toLowerCase(Locale.ROOT);
        int digest = name.indexOf('@');
        name = digest < 0 ? name : name.substring(0, digest);
        int tag = name.lastIndexOf(':');
        name = tag > name.lastIndexOf('/') ? name.substring(0, tag) : name;
        for (String prefix : List.of("docker.io/library/", "docker.io/", "library/")) {
            if (name.startsWith(prefix)) {
                name = name.substring(prefix.length());
                break;
            }
        }
        return Optional.ofNullable(known.get(name));
    }
}
