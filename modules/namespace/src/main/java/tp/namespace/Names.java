package tp.namespace;

import java.util.List;
import java.util.regex.Pattern;
import tp.spi.common.TpException;

/** The words of {@code --mapped-namespaces}. */
final class Names {

    /** A namespace's name is a DNS label: RFC 1123 §2.1, 63 octets by RFC 1035 §2.3.4. */
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final int SHOWN_CHARACTERS = 80;

    private Names() {}

    /** {@return whether these words, and not only the one for all, are names} */
    static boolean areNamed(List<String> words) {
        return !words.stream().allMatch(AllNamespaces.WORD::equals);
    }

    static boolean hasAlias(List<String> words) {
        return words.stream().anyMatch(word -> word.indexOf('=') >= 0);
    }

    /** Refuses the word for all among others. */
    static String notAll(String word) {
        if (word.equals(AllNamespaces.WORD)) {
            throw TpException.usage(
                    "--mapped-namespaces names 'all' beside others",
                    "give either 'all' or the names");
        }
        return word;
    }

    static String label(String name) {
        if (!DNS_LABEL.matcher(name).matches()) {
            throw TpException.usage(
                    "--mapped-namespaces: '" + shown(name) + "' is no name of a namespace",
                    "a name has at most 63 lower-case letters, digits and hyphens, and neither"
                            + " begins nor ends with a hyphen");
        }
        return name;
    }

    /** What the user typed goes to a terminal: one short line without control characters. */
    static String shown(String name) {
        String printable = name.replaceAll("\\p{C}", "?");
        return printable.length() <= SHOWN_CHARACTERS
                ? printable
                : printable.substring(0, SHOWN_CHARACTERS) + "…";
    }
}
