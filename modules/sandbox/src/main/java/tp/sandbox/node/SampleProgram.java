package tp.sandbox.node;

import java.util.List;
import java.util.stream.Stream;

/**
 * A program that the samples run.
 *
 * @param image by which pods name it
 * @param main simple name of a class in {@code tp.sandbox.sample}
 * @param options of its Java
 */
record SampleProgram(String image, String main, List<String> options, List<String> arguments) {

    /** Package of the classes, in which they find their resources too. */
    static final String PACKAGE = "tp.sandbox.sample";

    /** Without C2 there is no fast SHA-256, and this one is about throughput. */
    private static final List<String> FAST =
            List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:-UsePerfData");

    /** Thousands of connections at once; the last one counts (java(1)). */
    private static final List<String> CROWDED =
            Stream.concat(JavaRuntime.SMALL.stream(), Stream.of("-Xmx160m")).toList();

    static final List<SampleProgram> ALL =
            List.of(
                    web("verylargejavaservice", "8080", "text/html; charset=utf-8", "html"),
                    web("dataprocessingservice", "3000", "application/json", "json"),
                    web("payroll", "8080", "application/json", "json"),
                    new SampleProgram(
                            "tp.sandbox/verylargedatastore", "DataStore", FAST, List.of("8080")),
                    new SampleProgram("tp.sandbox/tcp-echo", "TcpEcho", CROWDED, List.of()),
                    small("udp-echo", "UdpEcho", "7", "8081"));

    private static SampleProgram web(String name, String port, String type, String suffix) {
        return small(name, "WebService", port, type, name + "." + suffix);
    }

    private static SampleProgram small(String name, String main, String... arguments) {
        return new SampleProgram("tp.sandbox/" + name, main, JavaRuntime.SMALL, List.of(arguments));
    }
}
