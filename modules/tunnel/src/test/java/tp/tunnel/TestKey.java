package tp.tunnel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Keys made by the JDK's keytool. */
final class TestKey {

    /** For all tests that do not care: making one takes a second. */
    static final ServerKey SHARED = shared();

    private TestKey() {}

    private static ServerKey shared() {
        try {
            return create();
        } catch (Exception e) {
            throw new IllegalStateException("keytool made no key", e);
        }
    }

    static ServerKey create() throws Exception {
        Path folder = Files.createTempDirectory("tp-key");
        Path store = folder.resolve("key.p12");
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=test",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "testing");
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        keytool.getInputStream().readAllBytes();
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool ended with " + keytool.exitValue());
        }
        try (Stream<Path> tree = Files.walk(folder).sorted(Comparator.reverseOrder())) {
            ServerKey key = ServerKey.load(Files.readAllBytes(store), "testing".toCharArray());
            tree.toList().forEach(path -> path.toFile().delete());
            return key;
        }
    }
}
