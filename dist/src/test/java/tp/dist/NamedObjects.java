package tp.dist;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.xbill.DNS.ReverseMap;
import tp.spi.common.Cidr;

/** Puts the addresses of this cluster into what is written in the names table. */
final class NamedObjects {

    /** Prints a line for each Service and pod: namespace and name, and its addresses. */
    static final String SCRIPT =
            """
            kubectl get services,pods -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {.spec.clusterIPs[*]} {.status.podIPs[*].ip}{"\\n"}{end}'
            """;

    private static final Pattern IN_NAME =
            Pattern.compile("(reverse|dashed)([46]):([a-z-]+/[a-z0-9-]+)");
    private static final Pattern IN_ANSWER = Pattern.compile("\\$([a-z-]+/[a-z0-9-]+)");
    private static final Pattern VIRTUAL = Pattern.compile("\\$virtual\\([a-z.]+\\)");

    private final Map<String, List<InetAddress>> addresses = new HashMap<>();
    private final Map<String, String> virtual = new HashMap<>();
    private List<Cidr> virtualRanges = List.of();

    NamedObjects(String printed) {
        for (String line : printed.lines().toList()) {
            List<String> words = List.of(line.split(" +"));
            addresses.put(
                    words.getFirst(),
                    words.stream()
                            .skip(1)
                            .filter(word -> !word.equals("None"))
                            .map(InetAddress::ofLiteral)
                            .toList());
        }
    }

    /** A new session has virtual addresses of its own, out of these ranges. */
    void newSession(List<Cidr> ranges) {
        virtual.clear();
        virtualRanges = ranges;
    }

    /** {@return the name to ask for} */
    String name(String written) {
        return IN_NAME.matcher(written).replaceAll(this::inName);
    }

    private String inName(MatchResult found) {
        boolean six = found.group(2).equals("6");
        InetAddress address = of(found.group(3), six).getFirst();
        return found.group(1).equals("reverse")
                ? ReverseMap.fromAddress(address).toString(true)
                : address.getHostAddress().replace('.', '-').replace(':', '-');
    }

    private List<InetAddress> of(String object, boolean six) {
        return addresses.get(object).stream()
                .filter(address -> address instanceof Inet6Address == six)
                .toList();
    }

    /**
     * {@return what is to be said, in order}
     *
     * @param said by the one who is asked: what a virtual address is shows at the first time
     */
    List<String> answer(String written, String type, List<String> said) {
        List<String> whole =
                Stream.of(written.split(", "))
                        .flatMap(one -> records(one, type, said))
                        .sorted()
                        .toList();
        return whole.isEmpty() ? List.of("NODATA") : whole;
    }

    private Stream<String> records(String written, String type, List<String> said) {
        boolean six = type.equals("AAAA");
        var object = IN_ANSWER.matcher(written);
        if (object.matches()) {
            return of(object.group(1), six).stream().map(InetAddress::getHostAddress);
        }
        if (VIRTUAL.matcher(written).matches()) {
            return Stream.of(virtual(written, type, said));
        }
        return Stream.of(canonical(written));
    }

    private String virtual(String written, String type, List<String> said) {
        return virtual.computeIfAbsent(
                written + " " + type,
                key ->
                        addresses(said).stream()
                                .filter(one -> isVirtual(InetAddress.ofLiteral(one)))
                                .findFirst()
                                .orElse(written));
    }

    private boolean isVirtual(InetAddress address) {
        return virtualRanges.stream().anyMatch(range -> range.contains(address));
    }

    static boolean isAddress(String text) {
        return text.matches("[0-9]+(\\.[0-9]+){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]+");
    }

    /** {@return an address in the one spelling that is used here, and all else as it is} */
    static String canonical(String text) {
        return isAddress(text) ? InetAddress.ofLiteral(text).getHostAddress() : text;
    }

    /** {@return the addresses among these, each once} */
    static List<String> addresses(List<String> records) {
        List<String> all = new ArrayList<>();
        records.stream()
                .filter(NamedObjects::isAddress)
                .map(NamedObjects::canonical)
                .distinct()
                .sorted()
                .forEach(all::add);
        return all;
    }
}
