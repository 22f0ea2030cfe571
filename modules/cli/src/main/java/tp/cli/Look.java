package tp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/** What may be written to a stream beside the words themselves. */
enum Look {
    /** Nothing: a file or a pipe, or a terminal that cannot do more than print. */
    PLAIN,
    /** The line in which the cursor is may be written again. */
    LIVE,
    /** That, and colours. */
    COLOURED;

    /** A colour by what it means, with its number in ECMA-48 §8.3.117 (SGR). */
    enum Colour {
        BAD(31),
        GOOD(32),
        CARE(33),
        FAINT(2);

        private final int number;

        Colour(int number) {
            this.number = number;
        }
    }

    /** What the kernel calls the terminals that it has. */
    private static final Pattern TERMINAL = Pattern.compile("/dev/(pts/\\d+|tty\\w*|console)");

    /** {@return what that descriptor of this process can show, and its user wants} */
    static Look of(int descriptor, Map<String, String> environment) {
        Path link = Path.of("/proc/self/fd", Integer.toString(descriptor));
        try {
            // The runtime's own Console answers for both standard streams at once.
            return of(Files.readSymbolicLink(link).toString(), environment);
        } catch (IOException e) {
            return PLAIN;
        }
    }

    static Look of(String file, Map<String, String> environment) {
        String terminal = environment.getOrDefault("TERM", "");
        if (!TERMINAL.matcher(file).matches() || terminal.isEmpty() || terminal.equals("dumb")) {
            return PLAIN;
        }
        // https://no-color.org: present and not empty, whatever its value.
        return environment.getOrDefault("NO_COLOR", "").isEmpty() ? COLOURED : LIVE;
    }

    String paint(Colour colour, String text) {
        return this == COLOURED ? "\u001b[" + colour.number + "m" + text + "\u001b[0m" : text;
    }
}
