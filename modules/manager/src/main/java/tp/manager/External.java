package tp.manager;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;

/**
 * What the administrator lets every session reach outside the cluster: ranges, and names with all
 * that is below them. Nothing by default.
 *
 * @param ranges by raw address too
 * @param names in lower case, without dots at the ends
 */
record External(List<Cidr> ranges, List<String> names) {

    /** The manager's own setting, a list with commas. */
    static final String VARIABLE = "TP_EXTERNAL";

    static final External NONE = new External(List.of(), List.of());

    private static final int MAX_ENTRIES = 256;

    /** RFC 1035 §2.3.1, and the underscore that some names have. */
    private static final Pattern NAME =
            Pattern.compile(
                    "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*");

    External {
        ranges = List.copyOf(ranges);
        names = List.copyOf(names);
    }

    static External of(Map<String, String> variables) {
        return parse(variables.getOrDefault(VARIABLE, ""));
    }

    static External parse(String text) {
        List<String> entries =
                Arrays.stream(text.split("[,\\s]+"))
                        .filter(entry -> !entry.isEmpty())
                        .distinct()
                        .toList();
        if (entries.size() > MAX_ENTRIES) {
            throw TpException.environment(
                    VARIABLE + " has more than " + MAX_ENTRIES + " entries", "give wider ones");
        }
        return new External(
                entries.stream().filter(External::isRange).map(External::range).toList(),
                entries.stream().filter(entry -> !isRange(entry)).map(External::name).toList());
    }

    private static boolean isRange(String entry) {
        return entry.indexOf('/') >= 0 || entry.indexOf(':') >= 0 || isIpv4(entry);
    }

    private static boolean isIpv4(String entry) {
        return entry.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    private static Cidr range(String entry) {
        try {
            return Cidr.parse(entry);
        } catch (IllegalArgumentException e) {
            throw wrong(entry);
        }
    }

    private static String name(String entry) {
        String name = entry.toLowerCase(Locale.ROOT).replaceFirst("^\\.", "");
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (!NAME.matcher(name).matches() || name.length() > 253) {
            throw wrong(entry);
        }
        return name;
    }

    private static TpException wrong(String entry) {
        return TpException.environment(
                VARIABLE + " has the entry \"" + entry + "\", which is no range and no name",
                "give such as 10.9.0.0/16 or .corp.example, with commas between them");
    }

    boolean permits(InetAddress address) {
        return Ranges.contains(ranges, address);
    }

    /**
     * {@return whether the name is one of them, or below one}
     *
     * @param labels in lower case
     */
    boolean permits(List<String> labels) {
        return names.stream()
                .map(name -> Arrays.asList(name.split("\\.")))
                .anyMatch(
                        name ->
                                name.size() <= labels.size()
                                        && labels.subList(
                                                        labels.size() - name.size(), labels.size())
                                                .equals(name));
    }

    /** {@return the entries as clients are told of them} */
    List<String> entries() {
        List<String> entries = new ArrayList<>();
        ranges.forEach(range -> entries.add(range.toString()));
        names.forEach(name -> entries.add("." + name));
        return entries;
    }
}
