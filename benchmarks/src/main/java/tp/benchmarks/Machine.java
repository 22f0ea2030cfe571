package tp.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/**
 * On what was measured.
 *
 * @param tcp the host's default congestion control
 * @param jdk of which the image is made
 * @param loadBefore the load average of a minute before the first run
 * @param loadAfter and after the last
 */
record Machine(
        LocalDate date,
        int cores,
        String processor,
        String kernel,
        String tcp,
        String jdk,
        String loadBefore,
        String loadAfter) {

    static Machine look(Path image) throws IOException {
        return new Machine(
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                processorName(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                congestionControl(),
                jdkOf(image),
                load(),
                "");
    }

    private static String processorName() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("unknown processor");
    }

    private static String jdkOf(Path image) throws IOException {
        return Files.readAllLines(image.resolve("release")).stream()
                .filter(line -> line.startsWith("JAVA_VERSION="))
                .findFirst()
                .map(line -> "JDK " + line.substring(line.indexOf('=') + 1).replace("\"", ""))
                .orElse("unknown JDK");
    }

    private static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
    }

    /** {@return this host's default for TCP} */
    static String congestionControl() throws IOException {
        return Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control")).strip();
    }

    Machine finished() throws IOException {
        return new Machine(date, cores, processor, kernel, tcp, jdk, loadBefore, load());
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%s: %d cores (%s), %s, TCP %s, %s, load average %s before",
                date,
                cores,
                processor,
                kernel,
                tcp,
                jdk,
                loadBefore);
    }

    String loadLine() {
        return "load average " + loadAfter + " after";
    }
}
