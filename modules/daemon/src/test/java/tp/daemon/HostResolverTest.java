package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.spi.dns.ResolverEnvironment;

/** What a session takes for the host's resolver. */
class HostResolverTest {

    private static final String ME = "aaaaaaaa";

    @TempDir private Path directory;
    private Path file;

    @BeforeEach
    void place() throws IOException {
        // As the session finds it, whatever links lead to the folder.
        file = directory.toRealPath().resolve("resolv.conf");
    }

    private void write(String suffix, String text) throws IOException {
        Files.writeString(file.resolveSibling("resolv.conf" + suffix), text);
    }

    @Test
    void isTheFileThatNoSessionHasWritten() throws IOException {
        write("", "nameserver 192.0.2.1\n");
        assertThat(HostResolver.beneath(file, ME))
                .map(ResolverEnvironment::resolvConf)
                .contains("nameserver 192.0.2.1\n");
    }

    @Test
    void isWhatThisSessionHasMovedAside() throws IOException {
        write("", "# Written by tp for session aaaaaaaa. It comes back.\nnameserver 100.64.0.2\n");
        write(".tp-aaaaaaaa", "nameserver 192.0.2.1\n");
        assertThat(HostResolver.beneath(file, ME))
                .map(ResolverEnvironment::resolvConf)
                .contains("nameserver 192.0.2.1\n");
    }

    /** It asks this session for what it does not know: to ask it in turn were a circle. */
    @Test
    void isNotTheFileOfAnotherSession() throws IOException {
        write("", "# Written by tp for session bbbbbbbb. It comes back.\nnameserver 100.64.8.2\n");
        write(".tp-bbbbbbbb", "# Written by tp for session aaaaaaaa. It comes back.\n");
        write(".tp-aaaaaaaa", "nameserver 192.0.2.1\n");
        assertThat(HostResolver.beneath(file, ME)).isEmpty();
    }
}
