package tp.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import tp.spi.common.TpException;
import tp.spi.dns.ResolverEnvironment;

/**
 * For a session in namespaces of its own: looks twice a second whether the host's resolver is
 * another. Then other servers are asked; and where a file was replaced, the kernel has taken away
 * what was mounted over it in the namespace, so that it has to be shown again.
 */
final class HostFilesWatch {

    private static final System.Logger LOG = System.getLogger(HostFilesWatch.class.getName());
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration ENDING = Duration.ofSeconds(2);
    private static final Path RESOLVER = Path.of("/etc/resolv.conf");
    private static final Path SWITCH = Path.of("/etc/nsswitch.conf");

    private final Settling<Seen> settling;

    /**
     * @param first what the names are about to be taken over of
     */
    HostFilesWatch(Seen first) {
        settling = new Settling<>(first);
    }

    /**
     * What a look sees.
     *
     * @param file which file {@code /etc/resolv.conf} is; empty while there is none
     * @param nsswitch likewise
     */
    record Seen(ResolverEnvironment resolver, Optional<String> file, Optional<String> nsswitch) {

        static Seen with(ResolverEnvironment resolver) {
            return new Seen(resolver, identity(RESOLVER), identity(SWITCH));
        }

        private static Optional<String> identity(Path file) {
            try {
                BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
                return Optional.of(found.fileKey() + " " + found.lastModifiedTime());
            } catch (IOException e) {
                return Optional.empty();
            }
        }
    }

    /** {@return what ends the looking, which begins now} */
    AutoCloseable start(NameTakeover takeover) {
        // Of its own, since it waits in the kernel's calls.
        Thread thread =
                Thread.ofPlatform().daemon().name("tp-host-files-watch").start(() -> run(takeover));
        return () -> {
            thread.interrupt();
            thread.join(ENDING);
        };
    }

    private void run(NameTakeover takeover) {
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                look(Seen.with(HostResolver.read()), takeover);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /** While there is no file there is nothing that another could be shown over. */
    void look(Seen now, NameTakeover takeover) throws InterruptedException {
        if (now.file().isEmpty() || !settling.isOver(now, false)) {
            return;
        }
        LOG.log(System.Logger.Level.INFO, "this host's resolver was changed");
        try {
            takeover.changed(now.resolver(), true);
        } catch (TpException e) {
            LOG.log(System.Logger.Level.WARNING, "the resolver: {0}", e.line());
        }
    }
}
