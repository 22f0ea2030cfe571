package tp.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import tp.os.Mounts;

/**
 * What programs in the namespace see in place of the host's files. Each is a file in the session's
 * own folder that is mounted over the host's. A mount is lost when somebody on the host replaces
 * the file beneath by another one; so the daemon asks again then.
 */
final class NamespaceFiles {

    /** Where nscd listens, which answers for the host. */
    private static final List<Path> NSCD = List.of(Path.of("/run/nscd"), Path.of("/var/run/nscd"));

    /** Sources of names that ask nobody else's resolver. */
    private static final List<String> LOCAL = List.of("files", "dns", "myhostname");

    /** Shows one file or folder in the place of another. */
    @FunctionalInterface
    interface Binding {
        void bind(Path shown, Path place) throws IOException;
    }

    private final Path folder;
    private final Path resolver;
    private final Path nsswitch;
    private final Binding binding;
    private int versions;

    NamespaceFiles(Path folder) {
        this(folder, Path.of("/etc"), Mounts::bind);
    }

    NamespaceFiles(Path folder, Path etc, Binding binding) {
        this.folder = folder;
        this.resolver = etc.resolve("resolv.conf");
        this.nsswitch = etc.resolve("nsswitch.conf");
        this.binding = binding;
    }

    /** Lets names be looked up in files and by DNS alone. */
    void prepare() throws IOException {
        for (Path nscd : NSCD) {
            if (Files.isDirectory(nscd)) {
                Path empty = folder.resolve("empty");
                Files.createDirectories(empty);
                binding.bind(empty, nscd.toRealPath());
                return;
            }
        }
    }

    /** Shows such a resolv.conf from now on, whatever was shown before. */
    void resolver(String content) throws IOException {
        show(content, resolver);
        if (Files.exists(nsswitch)) {
            show(withoutOthers(Files.readString(nsswitch, ISO_8859_1)), nsswitch);
        }
    }

    /**
     * One over the other: who opens the file sees the one or the other, and none in between. What
     * is beneath stays as long as the namespace, so that nothing is shown twice.
     */
    private void show(String content, Path place) throws IOException {
        if (Files.exists(place) && Files.readString(place, ISO_8859_1).equals(content)) {
            return;
        }
        Path file = folder.resolve(place.getFileName() + "." + ++versions);
        Files.writeString(file, content, ISO_8859_1, StandardOpenOption.CREATE_NEW);
        binding.bind(file, place);
    }

    /**
     * {@return that nsswitch.conf(5), with host names from files and DNS alone} A daemon of the
     * host (systemd-resolved, mDNS) is asked by a socket that a namespace does not hide, and would
     * answer for the host.
     */
    static String withoutOthers(String text) {
        return text.lines()
                .map(line -> line.strip().startsWith("hosts:") ? hosts(line) : line)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String hosts(String line) {
        List<String> sources = List.of(line.strip().split("\\s+"));
        boolean local = LOCAL.containsAll(sources.subList(1, sources.size()));
        return local && sources.contains("dns") ? line : "hosts: files dns";
    }
}
