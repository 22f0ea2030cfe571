package tp.dist;

import java.nio.file.Files;
import java.nio.file.Path;

/** Debian's own systemd-resolved, for a laptop: on a D-Bus of its own, as its init would run it. */
final class DebianResolved {

    /** Where {@code .ci/run} unpacks Debian's package, which is not installed. */
    private static final Path PACKAGE = Path.of("../.tp-build/systemd-resolved").toAbsolutePath();

    private static final Path SCRIPT =
            Path.of("src/test/resources/tp/dist/resolved.sh").toAbsolutePath();

    static final String NEEDED = "dbus-daemon, busctl, " + PACKAGE;

    private DebianResolved() {}

    static boolean isThere() {
        return Files.isExecutable(PACKAGE.resolve("lib/systemd/systemd-resolved"))
                && Needs.Condition.isInstalled("dbus-daemon")
                && Needs.Condition.isInstalled("busctl");
    }

    /**
     * {@return a command that starts it, or starts it again, and leads /etc/resolv.conf to its
     * stub}
     *
     * @param settings lines for its {@code resolved.conf}
     */
    static String start(String... settings) {
        return "sh " + SCRIPT + " " + PACKAGE + " " + String.join(" ", settings);
    }
}
