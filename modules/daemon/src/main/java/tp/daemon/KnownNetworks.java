package tp.daemon;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tp.connector.NetworkMemory;
import tp.control.StateDirectory;
import tp.host.HostRoutes;
import tp.os.LinkAddress;
import tp.os.Route;
import tp.spi.common.TpException;

/**
 * Remembers in a file which transport reached which manager from which network. A network is known
 * by the addresses that this host has on its ways out; only their hash is written. It is a hint:
 * where it is wrong or cannot be read, a connect takes a moment longer.
 */
final class KnownNetworks implements NetworkMemory {

    private static final System.Logger LOG = System.getLogger(KnownNetworks.class.getName());

    private static final int MAX_LINES = 64;
    private static final int MAX_BYTES = 64 * 1024;
    private static final String NO_ENDPOINT = "-";

    private final Path file;
    private final Supplier<Set<String>> network;

    /**
     * @param network the addresses by which this host reaches others at this moment
     */
    KnownNetworks(Path file, Supplier<Set<String>> network) {
        this.file = file;
        this.network = network;
    }

    static KnownNetworks in(Map<String, String> environment) {
        return new KnownNetworks(
                StateDirectory.of(environment).path().resolve("networks"),
                KnownNetworks::addresses);
    }

    private static Set<String> addresses() {
        HostRoutes host = HostRoutes.read();
        Set<Integer> waysOut =
                host.routes().stream()
                        .filter(route -> route.isDefault() && route.kind() == Route.Kind.UNICAST)
                        .map(Route::linkIndex)
                        .collect(Collectors.toSet());
        return host.addresses().stream()
                .filter(at -> waysOut.contains(at.linkIndex()))
                .map(LinkAddress::address)
                .map(Object::toString)
                .collect(Collectors.toSet());
    }

    @Override
    public synchronized Optional<Way> recall(String managerUid) {
        String key = key(managerUid);
        return lines().stream()
                .filter(line -> line.startsWith(key + " "))
                .findFirst()
                .flatMap(KnownNetworks::way);
    }

    private static Optional<Way> way(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 3) {
            return Optional.empty();
        }
        try {
            Optional<URI> endpoint =
                    words[2].equals(NO_ENDPOINT)
                            ? Optional.empty()
                            : Optional.of(URI.create(words[2]));
            return Optional.of(new Way(words[1], endpoint));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public synchronized void worked(String managerUid, Way way) {
        String key = key(managerUid);
        String line =
                key + " " + way.transport() + " " + way.endpoint().map(URI::toString).orElse("-");
        List<String> lines = new ArrayList<>(lines());
        if (!lines.isEmpty() && lines.getFirst().equals(line)) {
            return;
        }
        lines.removeIf(old -> old.startsWith(key + " "));
        lines.addFirst(line);
        write(lines.subList(0, Math.min(lines.size(), MAX_LINES)));
    }

    /** {@return what names this network and that manager, telling nothing of either} */
    private String key(String managerUid) {
        Set<String> addresses;
        try {
            addresses = network.get();
        } catch (TpException e) {
            addresses = Set.of();
        }
        String text = managerUid + "\n" + addresses.stream().sorted().toList();
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private List<String> lines() {
        try {
            if (Files.size(file) > MAX_BYTES) {
                return List.of();
            }
            return Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.INFO, "what worked before is not known: {0}", e.toString());
            return List.of();
        }
    }

    private void write(List<String> lines) {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(next);
            Files.createFile(next, StateDirectory.PRIVATE_FILE);
            Files.writeString(next, String.join("\n", lines) + "\n", StandardCharsets.UTF_8);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.INFO, "what worked is not remembered: {0}", e.toString());
        }
    }
}
