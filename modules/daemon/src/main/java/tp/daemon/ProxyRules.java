package tp.daemon;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tp.control.ConnectSettings;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;

/** What the user wants the cluster to be the way to, and what not: ranges and names. */
record ProxyRules(Entries also, Entries never) {

    /**
     * Entries of a list, sorted out.
     *
     * @param names in lower case, without dots at the ends
     */
    record Entries(List<Cidr> ranges, List<String> names) {
        Entries {
            ranges = List.copyOf(ranges);
            names = List.copyOf(names);
        }

        /** {@return the entries as the manager's setting has them} */
        List<String> texts() {
            return Stream.concat(
                            ranges.stream().map(Cidr::toString),
                            names.stream().map(name -> "." + name))
                    .toList();
        }
    }

    private static final Pattern NAME =
            Pattern.compile(
                    "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*");

    private static final int MAX_NAME_CHARS = 253; // RFC 1035 §2.3.4

    /** What the helper would refuse anyhow. */
    private static final List<Cidr> NEVER_ALSO =
            Stream.of(
                            "0.0.0.0/8",
                            "127.0.0.0/8",
                            "169.254.0.0/16",
                            "224.0.0.0/3",
                            "::/96",
                            "fe80::/10",
                            "ff00::/8")
                    .map(Cidr::parse)
                    .toList();

    private static final int SHORTEST_IPV4 = 8;
    private static final int SHORTEST_IPV6 = 32;

    /**
     * @throws TpException where an entry is neither range nor name, or two contradict each other
     */
    static ProxyRules parse(ConnectSettings.Outside asked) {
        Entries also = entries("--also-proxy", asked.alsoProxy());
        Entries never = entries("--never-proxy", asked.neverProxy());
        also.ranges().forEach(ProxyRules::requireSensible);
        for (String entry : also.texts()) {
            if (never.texts().contains(entry)) {
                throw TpException.usage(
                        "--also-proxy and --never-proxy both have " + entry, "leave one out");
            }
        }
        return new ProxyRules(also, never);
    }

    private static Entries entries(String option, List<String> given) {
        List<Cidr> ranges = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (String entry : new LinkedHashSet<>(given)) {
            boolean isRange = entry.matches("[0-9./]+") || entry.indexOf(':') >= 0;
            try {
                if (isRange) {
                    ranges.add(Cidr.parse(entry));
                } else {
                    names.add(name(entry));
                }
            } catch (IllegalArgumentException e) {
                throw TpException.usage(
                        option + " " + entry + " is no range of addresses and no name",
                        "give such as 10.9.0.0/16, .corp.example or db.corp.example");
            }
        }
        return new Entries(ranges, names);
    }

    private static String name(String entry) {
        String name = entry.toLowerCase(Locale.ROOT).replaceFirst("^\\.", "");
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (!NAME.matcher(name).matches() || name.length() > MAX_NAME_CHARS) {
            throw new IllegalArgumentException(entry);
        }
        return name;
    }

    private static void requireSensible(Cidr range) {
        if (range.prefixLength() < (range.isIpv6() ? SHORTEST_IPV6 : SHORTEST_IPV4)) {
            throw TpException.usage(
                    "--also-proxy " + range + " is too large a range",
                    "give one of a /" + SHORTEST_IPV4 + " (IPv6: /" + SHORTEST_IPV6 + ") at most");
        }
        for (Cidr never : NEVER_ALSO) {
            if (range.overlaps(never)) {
                throw TpException.usage(
                        "--also-proxy " + range + " touches " + never + ", which is no network's",
                        "leave it out");
            }
        }
    }

    /**
     * {@return what of these the manager permits}
     *
     * @param external its entries
     */
    ProxyRules permittedBy(List<String> external) {
        return new ProxyRules(covered(external, true), never);
    }

    private Entries covered(List<String> external, boolean wanted) {
        Entries permitted =
                entries(
                        "the manager permits",
                        external.stream().filter(ProxyRules::isKnown).toList());
        return new Entries(
                also.ranges().stream()
                        .filter(range -> wanted == isCovered(range, permitted.ranges()))
                        .toList(),
                also.names().stream()
                        .filter(name -> wanted == isCovered(name, permitted.names()))
                        .toList());
    }

    /** What a later manager may say that this client does not understand permits nothing. */
    private static boolean isKnown(String entry) {
        try {
            entries("", List.of(entry));
            return true;
        } catch (TpException e) {
            return false;
        }
    }

    private static boolean isCovered(Cidr range, List<Cidr> permitted) {
        return permitted.stream()
                .anyMatch(one -> one.overlaps(range) && one.prefixLength() <= range.prefixLength());
    }

    private static boolean isCovered(String name, List<String> permitted) {
        return permitted.stream().anyMatch(one -> name.equals(one) || name.endsWith("." + one));
    }

    /** {@return what the manager does not permit and how that is changed, in one line} */
    Optional<String> warning(List<String> external) {
        List<String> missing = covered(external, false).texts();
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        Set<String> all = new LinkedHashSet<>(external);
        all.addAll(missing);
        return Optional.of(
                "--also-proxy "
                        + String.join(",", missing)
                        + " is not permitted by the manager and stays this machine's; whoever may"
                        + " permit it: kubectl -n tp-system set env deployment/tp-manager TP_EXTERNAL="
                        + String.join(",", all));
    }
}
