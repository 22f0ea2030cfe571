package tp.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tp.spi.dns.ResolverEnvironment;

/** This host's resolver. */
final class HostResolver {

    private static final Path FILE = Path.of("/etc/resolv.conf");
    private static final Path NSSWITCH = Path.of("/etc/nsswitch.conf");
    private static final Path RESOLVED = Path.of("/run/systemd/resolve");
    private static final List<String> NFT = List.of("/usr/sbin/nft", "/usr/bin/nft", "/sbin/nft");

    /** Where the helper leaves a file for each session while it redirects port 53. */
    private static final Path RUN = Path.of("/run");

    private static final int MAX_BYTES = 64 * 1024;

    /** How the helper begins the text that it writes. */
    private static final String OURS = "# Written by tp for session ";

    private HostResolver() {}

    /** {@return the resolver as it is now} */
    static ResolverEnvironment read() {
        return read(FILE);
    }

    /**
     * {@return the resolver as it would be without that session} Nothing where that is not to be
     * seen: the helper alone knows.
     */
    static Optional<ResolverEnvironment> beneath(String sessionId) {
        return beneath(FILE, sessionId);
    }

    static Optional<ResolverEnvironment> beneath(Path file, String sessionId) {
        String text = text(file);
        if (!isOf(sessionId, text)) {
            // Another session's is not the host's: it asks this one for all that it does not know.
            return isSessions(text) ? Optional.empty() : Optional.of(read(file));
        }
        try {
            Path real = file.toRealPath();
            Path aside = real.resolveSibling(real.getFileName() + ".tp-" + sessionId);
            return Files.exists(aside, LinkOption.NOFOLLOW_LINKS)
                    ? Optional.of(read(aside))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static ResolverEnvironment read(Path file) {
        String target = "";
        try {
            target = Files.isSymbolicLink(file) ? Files.readSymbolicLink(file).toString() : "";
        } catch (IOException e) {
            // Replaced at this moment; the next look sees what came.
        }
        return new ResolverEnvironment(
                text(file),
                target,
                resolvedRuns(),
                text(RESOLVED.resolve("resolv.conf")),
                nssResolve(text(NSSWITCH)),
                NFT.stream().map(Path::of).anyMatch(Files::isExecutable));
    }

    private static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** A socket file alone may be left by one that was killed. */
    private static boolean resolvedRuns() {
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return socket.connect(
                    UnixDomainSocketAddress.of(RESOLVED.resolve("io.systemd.Resolve")));
        } catch (IOException e) {
            return false;
        }
    }

    /** {@return whether names of hosts are asked of systemd-resolved: nsswitch.conf(5)} */
    static boolean nssResolve(String nsswitch) {
        return nsswitch.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("hosts:"))
                .anyMatch(line -> Arrays.asList(line.split("\\s+")).contains("resolve"));
    }

    /** {@return whether {@code /etc/resolv.conf} is that of a session of tp, whichever} */
    static boolean isSessions() {
        return isSessions(text(FILE));
    }

    static boolean isSessions(String text) {
        return text.startsWith(OURS);
    }

    /** {@return whether a session that has ended may have left the resolver changed} */
    static boolean isLeftover() {
        try (DirectoryStream<Path> redirects = Files.newDirectoryStream(RUN, "tp-*.redirect")) {
            return isSessions() || redirects.iterator().hasNext();
        } catch (IOException e) {
            return isSessions();
        }
    }

    private static boolean isOf(String sessionId, String text) {
        return text.startsWith(OURS + sessionId);
    }
}
