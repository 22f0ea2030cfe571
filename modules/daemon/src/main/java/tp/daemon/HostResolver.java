package tp.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tp.spi.dns.ResolverEnvironment;

/** This host's resolver. */
final class HostResolver {

    private static final Path FILE = Path.of("/etc/resolv.conf");
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/io.systemd.Resolve");

    /** How the helper begins the text that it writes. */
    private static final String OURS = "# Written by tp for session ";

    private HostResolver() {}

    /** {@return the resolver as it is now} */
    static ResolverEnvironment read() {
        try {
            String text = Files.exists(FILE) ? Files.readString(FILE) : "";
            String target =
                    Files.isSymbolicLink(FILE) ? Files.readSymbolicLink(FILE).toString() : "";
            return new ResolverEnvironment(text, target, Files.exists(RESOLVED));
        } catch (IOException e) {
            return new ResolverEnvironment("", "", Files.exists(RESOLVED));
        }
    }

    /** {@return whether it is that of a session of tp} */
    static boolean isLeftover(ResolverEnvironment resolver) {
        return resolver.resolvConf().startsWith(OURS);
    }
}
