package tp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What tp may change of a host, as the kernel shows it. */
record HostPicture(SortedSet<String> facts) {

    private static final long PATIENCE_NS = 2_000_000_000L;

    static HostPicture take() {
        SortedSet<String> facts = new TreeSet<>();
        add(facts, "resolver", "/etc/resolv.conf", "(.*)");
        add(facts, "device", "/proc/net/dev", "\\s*([^:|]+):.*");
        add(facts, "address", "/proc/net/if_inet6", "(.*)");
        add(facts, "address", "/proc/net/fib_trie", "[ |+]*\\|-- (\\S+)");
        // Without the columns that count use.
        add(facts, "route", "/proc/net/route", "((?:\\S+\\s+){4})\\S+\\s+\\S+\\s+(\\S+\\s+\\S+).*");
        add(
                facts,
                "route",
                "/proc/net/ipv6_route",
                "((?:\\S+\\s+){6})\\S+\\s+\\S+\\s+\\S+\\s+(\\S+)");
        return new HostPicture(facts);
    }

    private static void add(Set<String> facts, String kind, String file, String pattern) {
        Pattern fact = Pattern.compile(pattern);
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            lines.map(fact::matcher)
                    .filter(Matcher::matches)
                    // The kernel makes those by itself, some time after a link is up.
                    .filter(match -> !match.group().startsWith("fe80"))
                    .map(
                            match ->
                                    match.groupCount() == 1
                                            ? match.group(1)
                                            : match.group(1) + match.group(2))
                    .forEach(text -> facts.add(kind + " " + text));
        } catch (IOException e) {
            facts.add(kind + " unreadable");
        }
    }

    /** Waits a little: the kernel takes a device apart in its own time. */
    String compare() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NS;
        HostPicture now = take();
        while (!now.equals(this) && System.nanoTime() < deadline) {
            Thread.sleep(20);
            now = take();
        }
        List<String> more = new ArrayList<>(now.facts);
        more.removeAll(facts);
        List<String> less = new ArrayList<>(facts);
        less.removeAll(now.facts);
        if (!now.equals(this)) {
            throw new IOException("added: " + more + ", missing: " + less);
        }
        return "";
    }
}
