package tp.sandbox.node;

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

    private static final String SAMPLES = "tp.sandbox/tp.sandbox.sample.";

    /** What an image would run by itself. */
    record Image(List<String> entrypoint, List<String> arguments) {

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

    Images(JavaRuntime runtime) {
        web(runtime, "verylargejavaservice", "8080", "text/html; charset=utf-8", "html");
        web(runtime, "dataprocessingservice", "3000", "application/json", "json");
        web(runtime, "payroll", "8080", "application/json", "json");
        // Without C2 there is no fast SHA-256, and this one is about throughput.
        add(
                "tp.sandbox/verylargedatastore",
                runtime.command(
                        List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:-UsePerfData"),
                        SAMPLES + "DataStore",
                        List.of()),
                "8080");
        add("tp.sandbox/tcp-echo", runtime.small(SAMPLES + "TcpEcho", List.of()));
        add("tp.sandbox/udp-echo", runtime.small(SAMPLES + "UdpEcho", List.of()), "7", "8081");
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
        add("eclipse-temurin", List.of(), runtime.java(), "--version");
    }

    private void web(JavaRuntime runtime, String name, String port, String type, String suffix) {
        add(
                "tp.sandbox/" + name,
                runtime.small(SAMPLES + "WebService", List.of()),
                port,
                type,
                name + "." + suffix);
    }

    private void add(String name, List<String> entrypoint, String... arguments) {
        known.put(name, new Image(entrypoint, List.of(arguments)));
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
