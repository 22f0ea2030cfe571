package tp.namespace;

import java.util.TreeMap;
import java.util.regex.Pattern;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/** The namespaces named by {@code --mapped-namespaces}, each under its own name. */
public final class ListedNamespaces implements NamespaceProvider {

    /** A namespace's name is a DNS label: RFC 1123 §2.1, 63 octets by RFC 1035 §2.3.4. */
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final int SHOWN_CHARACTERS = 80;

    @Override
    public String id() {
        return "listed";
    }

    @Override
    public Assessment assess(NamespaceRequest request) {
        return AllNamespaces.wanted(request)
                ? new Assessment.Unusable("--mapped-namespaces names no namespace")
                : new Assessment.Usable(90, "namespaces are named by --mapped-namespaces");
    }

    @Override
    public NamespaceMapping map(NamespaceRequest request) {
        if (AllNamespaces.wanted(request)) {
            throw TpException.usage(
                    "no namespace is named", "give --mapped-namespaces a list such as default,dev");
        }
        var names = new TreeMap<String, String>();
        for (String name : request.mapped()) {
            names.put(checked(name), name);
        }
        return new NamespaceMapping.Listed(names);
    }

    private static String checked(String name) {
        if (name.equals(AllNamespaces.WORD)) {
            throw TpException.usage(
                    "--mapped-namespaces names 'all' beside others",
                    "give either 'all' or the names");
        }
        if (!DNS_LABEL.matcher(name).matches()) {
            throw TpException.usage(
                    "--mapped-namespaces: '" + shown(name) + "' is no name of a namespace",
                    "a name has at most 63 lower-case letters, digits and hyphens, and neither"
                            + " begins nor ends with a hyphen");
        }
        return name;
    }

    /** What the user typed goes to a terminal: one short line without control characters. */
    private static String shown(String name) {
        String printable = name.replaceAll("\\p{C}", "?");
        return printable.length() <= SHOWN_CHARACTERS
                ? printable
                : printable.substring(0, SHOWN_CHARACTERS) + "…";
    }
}
