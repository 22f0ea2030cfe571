package tp.cli;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Text without what opens doors: tokens, passwords, private keys. In doubt more is masked, and
 * never a part of a secret.
 */
final class Masked {

    private record Rule(Pattern pattern, String replacement) {
        Rule(String pattern, String replacement) {
            this(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), replacement);
        }
    }

    /** How the name of a secret ends, with the value to come. */
    private static final String NAME =
            "(?=[pstcal])(?:passw(?:or)?d|passphrase|secret|token|credentials?|auth|cookie|api[_-]?key"
                    + "|(?:secret|access|private|session)[_-]?(?:access[_-]?)?key(?:[_-]?id)?"
                    + "|client[_-]?key[_-]?data)";

    /** A quote, with the backslashes that it has within another string. */
    private static final String QUOTE = "\\\\{0,15}[\"']";

    /** A quote that ends a string around it all: one within a word is of that word. */
    private static final String END = QUOTE + "(?=[\\s,;:}\\])]|\\z)";

    private static final String SEPARATOR = "(?:" + QUOTE + ")?\\s*[:=]\\s*+";

    /** What stands between an option and its value: a blank, or what a list has there. */
    private static final String NEXT = "(?:" + QUOTE + ")?(?:\\s*,\\s*|\\s+)(?:-\\s+)?";

    /** The name is that of an option whose value is an argument of its own. */
    private static final String OPTION = "(?<=(?<![\\w-])--?[\\w.-]{1,60})";

    /** Between name and value where a variable of the environment is an object. */
    private static final String PAIR = "(?:" + QUOTE + ")?[\\s,]++(?:" + QUOTE + ")?value";

    private static final String DONE = "(?!<masked[^>]*>(?:[\\s,;:}\\])\"'\\\\]|\\z))";

    /** A value in quotes begins after the first group in it, which is the quote. */
    private static final String QUOTED =
            "(" + QUOTE + ")" + DONE + "(?:(?!(?<!\\\\)\\2)[^\\r\\n])++";

    private static final String WORD =
            "(?!" + QUOTE + ")" + DONE + "(?:<masked[^>]*>)?+(?:(?!" + END + ")\\S)++";

    /** Of a secret that is written over several lines of YAML. */
    private static final String BLOCK = "[|>][-+\\d]*[ \\t]*(?:\\R[ \\t]+[^\\r\\n]*+)++";

    private static final String SCHEMES =
            "(?:(?:basic|bearer|digest|negotiate|ntlm|token)[ \\t]+)?+";

    /** The order counts: what is named a token is shown as one, whatever it looks like. */
    private static final List<Rule> RULES =
            List.of(
                    new Rule(
                            "-----BEGIN ([A-Z ]{0,30}PRIVATE KEY)-----"
                                    + "(?:[\\s\\S]{0,20000}?-----END \\1-----|[\\w+/=\\s\\\\]*+)",
                            "<masked: private key>"),
                    // The same in base64, unless it is a certificate.
                    new Rule(
                            "(?-i:LS0tLS1CRUdJTi(?!BDRVJU))[\\w+/=]{10,}+",
                            "<masked: private key>"),
                    new Rule("eyJ[\\w-]{5,}(?:\\.[\\w-]*){1,4}", "<masked: token>"),
                    new Rule("\\b(?-i:AKIA|ASIA)[A-Z0-9]{16}\\b", "<masked: key>"),
                    new Rule("(bearer|basic)\\s+(?!<)[\\w.~+/=-]{8,}", "$1 <masked>"),
                    new Rule("(authorization" + SEPARATOR + ")" + QUOTED, "$1$2<masked>"),
                    new Rule(
                            "((?:authorization|cookie)"
                                    + SEPARATOR
                                    + SCHEMES
                                    + ")(?!"
                                    + QUOTE
                                    + ")"
                                    + DONE
                                    + "[^\\r\\n]++",
                            "$1<masked>"),
                    // A line of YAML, and a variable: all of it is the value.
                    new Rule(
                            "(?m)^([ \\t-]*(?:"
                                    + QUOTE
                                    + ")?[\\w.-]{0,60}"
                                    + NAME
                                    + "(?:"
                                    + QUOTE
                                    + ")?:[ \\t]+|(?-i:[A-Z0-9_]{0,60})"
                                    + NAME
                                    + "(?-i:(?<=[A-Z])=))(?![\"'{\\[|>])"
                                    + DONE
                                    + "[^\\r\\n]++",
                            "$1<masked>"),
                    new Rule(
                            "(" + NAME + "(?:" + SEPARATOR + "|" + OPTION + NEXT + "(?!-)|" + PAIR
                                    + SEPARATOR + "))(?:" + QUOTED + "|" + BLOCK + "|" + WORD + ")",
                            "$1$2<masked>"),
                    new Rule("(://)[^\\s/?#\"'<>]{1,400}@", "$1<masked>@"),
                    // With a slash in the password, which is no port.
                    new Rule(
                            "(://)[^\\s/@:\\[<>]{1,200}:(?!\\d{1,5}[/?#])[^\\s\"'<>]{1,200}@",
                            "$1<masked>@"));

    private Masked() {}

    static String of(String text) {
        String masked = text;
        for (Rule rule : RULES) {
            masked = rule.pattern().matcher(masked).replaceAll(rule.replacement());
        }
        return masked;
    }
}
