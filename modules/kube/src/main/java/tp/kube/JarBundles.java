package tp.kube;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

/**
 * The manager's jars, cut so that each part fits a ConfigMap.
 *
 * @param jars sorted by name
 * @param bundles what goes into one ConfigMap each
 */
record JarBundles(List<Jar> jars, List<Bundle> bundles) {

    /** Kubernetes takes 1 MiB of data, counted as bytes and not as base64 (MaxSecretSize). */
    static final int MOST_BYTES = 1_000_000;

    static final String NAME = ManagerObjects.NAME + "-code-";

    /** So many digits of a hash that nobody meets another content of the same name by chance. */
    private static final int HASH_DIGITS = 20;

    /** Ours change with each version, what we use does not: apart from each other, those stay. */
    private static final String OURS = "tp.";

    /**
     * One jar.
     *
     * @param name of its file
     * @param sha256 in hexadecimal digits
     * @param pieces keys, in the order in which they make it
     */
    record Jar(String name, String sha256, List<String> pieces) {}

    /**
     * The data of one ConfigMap.
     *
     * @param name carries the hash of the rest
     * @param pieces as base64, by their keys
     */
    record Bundle(String name, Map<String, String> pieces) {

        private static Bundle of(SortedMap<String, String> pieces) {
            MessageDigest digest = sha256();
            pieces.forEach(
                    (key, piece) -> {
                        digest.update((key + "\n").getBytes(StandardCharsets.UTF_8));
                        digest.update((piece + "\n").getBytes(StandardCharsets.US_ASCII));
                    });
            return new Bundle(NAME + hex(digest.digest()).substring(0, HASH_DIGITS), pieces);
        }
    }

    /** Fills one bundle after the other. */
    private static final class Filling {

        private final List<Jar> jars = new ArrayList<>();
        private final List<Bundle> bundles = new ArrayList<>();
        private SortedMap<String, String> pieces = new TreeMap<>();
        private int bytes;

        void add(String name, byte[] content) {
            List<String> keys = new ArrayList<>();
            for (int start = 0; start < content.length; ) {
                int end = Math.min(content.length, start + MOST_BYTES - bytes);
                String key = name + "." + keys.size();
                byte[] piece = Arrays.copyOfRange(content, start, end);
                pieces.put(key, Base64.getEncoder().encodeToString(piece));
                keys.add(key);
                bytes += piece.length;
                if (bytes == MOST_BYTES) {
                    close();
                }
                start = end;
            }
            jars.add(new Jar(name, hex(sha256().digest(content)), List.copyOf(keys)));
        }

        void close() {
            if (!pieces.isEmpty()) {
                bundles.add(Bundle.of(pieces));
                pieces = new TreeMap<>();
                bytes = 0;
            }
        }
    }

    /**
     * {@return the jars of a folder}
     *
     * @throws TpException where there are none that can be read
     */
    static JarBundles read(Path folder) {
        SortedMap<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(".jar")) {
                    contents.put(name, Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw missing(folder, Failures.oneLine(e), e);
        }
        if (contents.isEmpty()) {
            throw missing(folder, "it is empty", null);
        }
        return of(contents);
    }

    private static TpException missing(
            Path folder, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new TpException(
                Category.ENVIRONMENT,
                "the manager's jars cannot be read from " + folder + ": " + why,
                "install tp again, or name an image of the manager by 'tp install --image'",
                cause);
    }

    /**
     * {@return the same of jars that are read already}
     *
     * @param contents by file name
     */
    static JarBundles of(SortedMap<String, byte[]> contents) {
        Filling filling = new Filling();
        contents.forEach(
                (name, content) -> {
                    if (!name.startsWith(OURS)) {
                        filling.add(name, content);
                    }
                });
        filling.close();
        contents.forEach(
                (name, content) -> {
                    if (name.startsWith(OURS)) {
                        filling.add(name, content);
                    }
                });
        filling.close();
        return new JarBundles(List.copyOf(filling.jars), List.copyOf(filling.bundles));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
