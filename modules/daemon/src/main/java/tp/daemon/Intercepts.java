package tp.daemon;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import tp.control.StatusReport;
import tp.spi.common.TpException;

/**
 * The local-only intercepts of a session: while there is one on a namespace, names without a dot
 * are looked for in it. What it is named after need not exist in the cluster. Any thread.
 */
final class Intercepts {

    /** A resolver takes no more search domains than a line of 255 bytes holds anyway. */
    static final int MOST = 32;

    /** What Kubernetes takes as the name of a workload: RFC 1123 with dots. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    /** Name to namespace, in the order in which they came; guarded by this. */
    private final SequencedMap<String, String> namespaces = new LinkedHashMap<>();

    /**
     * {@return whether it is new; not where there was the same before}
     *
     * @throws TpException where there can be none such
     */
    synchronized boolean add(String name, String namespace) {
        if (!NAME.matcher(name).matches()) {
            throw TpException.usage(
                    "'" + shown(name) + "' cannot be the name of a workload",
                    "give lower-case letters, digits, hyphens and dots");
        }
        String before = namespaces.get(name);
        if (before != null && !before.equals(namespace)) {
            throw TpException.environment(
                    "there is an intercept " + name + " on namespace " + before,
                    "run `tp leave " + name + "` first, or give another name");
        }
        if (before == null && namespaces.size() >= MOST) {
            throw TpException.environment(
                    "there are " + MOST + " intercepts already", "end one with `tp leave`");
        }
        return namespaces.put(name, namespace) == null;
    }

    /**
     * @throws TpException where there is none such
     */
    synchronized void remove(String name) {
        if (namespaces.remove(name) == null) {
            throw TpException.usage("there is no intercept '" + shown(name) + "'", "see `tp list`");
        }
    }

    /** {@return their namespaces, that of the latest first} */
    synchronized List<String> namespaces() {
        return namespaces.sequencedValues().reversed().stream().distinct().toList();
    }

    synchronized List<StatusReport.Intercept> list() {
        return namespaces.entrySet().stream()
                .map(one -> new StatusReport.Intercept(one.getKey(), one.getValue()))
                .toList();
    }

    /** What the user typed goes to a terminal: one short line without control characters. */
    private static String shown(String name) {
        String printable = name.replaceAll("\\p{C}", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
    }
}
