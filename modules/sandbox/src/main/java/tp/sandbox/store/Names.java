package tp.sandbox.store;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** What names may look like, with the explanations that a real API server gives. */
final class Names {

    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
    private static final String SERVICE = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern LABEL_PATTERN = Pattern.compile(LABEL);
    private static final Pattern SUBDOMAIN_PATTERN = Pattern.compile(SUBDOMAIN);
    private static final Pattern SERVICE_PATTERN = Pattern.compile(SERVICE);

    /** No vowels and nothing that reads as one: names that say nothing by accident. */
    private static final String RANDOM = "bcdfghjklmnpqrstvwxz2456789";

    private static final int RANDOM_LENGTH = 5;
    private static final int MAX_GENERATED_BASE = 63 - RANDOM_LENGTH;

    private Names() {}

    /** {@return what is wrong with a name, nothing if it is right} */
    static Optional<String> complaint(ResourceType type, String name) {
        return switch (type.plural()) {
            case "namespaces" -> label(name);
            case "services" -> serviceName(name);
            case "roles", "rolebindings", "clusterroles", "clusterrolebindings" ->
                    pathSegment(name);
            default -> subdomain(name);
        };
    }

    /** RFC 1123 label. */
    static Optional<String> label(String name) {
        if (name.length() > 63) {
            return Optional.of("must be no more than 63 characters");
        }
        return LABEL_PATTERN.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(
                        "a lowercase RFC 1123 label must consist of lower case alphanumeric"
                                + " characters or '-', and must start and end with an alphanumeric"
                                + " character (e.g. 'my-name',  or '123-abc', regex used for"
                                + " validation is '"
                                + LABEL
                                + "')");
    }

    /** RFC 1123 subdomain. */
    static Optional<String> subdomain(String name) {
        if (name.length() > 253) {
            return Optional.of("must be no more than 253 characters");
        }
        return SUBDOMAIN_PATTERN.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(
                        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
                                + " characters, '-' or '.', and must start and end with an"
                                + " alphanumeric character (e.g. 'example.com', regex used for"
                                + " validation is '"
                                + SUBDOMAIN
                                + "')");
    }

    /** RFC 1035 label. */
    private static Optional<String> serviceName(String name) {
        if (name.length() > 63) {
            return Optional.of("must be no more than 63 characters");
        }
        return SERVICE_PATTERN.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(
                        "a DNS-1035 label must consist of lower case alphanumeric characters or"
                                + " '-', start with an alphabetic character, and end with an"
                                + " alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used"
                                + " for validation is '"
                                + SERVICE
                                + "')");
    }

    private static Optional<String> pathSegment(String name) {
        if (name.equals(".") || name.equals("..")) {
            return Optional.of("may not be '" + name + "'");
        }
        for (String character : new String[] {"/", "%"}) {
            if (name.contains(character)) {
                return Optional.of("may not contain '" + character + "'");
            }
        }
        return Optional.empty();
    }

    static String generate(String base) {
        StringBuilder name =
                new StringBuilder(base.substring(0, Math.min(base.length(), MAX_GENERATED_BASE)));
        for (int i = 0; i < RANDOM_LENGTH; i++) {
            name.append(RANDOM.charAt(ThreadLocalRandom.current().nextInt(RANDOM.length())));
        }
        return name.toString();
    }
}
