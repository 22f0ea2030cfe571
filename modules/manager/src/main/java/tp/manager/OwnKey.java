package tp.manager;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tp.incluster.ApiException;
import tp.incluster.ClusterApi;
import tp.incluster.StoredData;
import tp.spi.common.TpException;
import tp.tunnel.ServerKey;

/** The manager's key, made at the first start and the same ever after. */
final class OwnKey {

    static final String SECRET = "tp-manager-key";

    private static final String KEY_STORE = "keystore.p12";
    private static final String PASSWORD = "password";
    private static final int KEYTOOL_SECONDS = 60;

    private OwnKey() {}

    /** Reads the key, or makes it and stores it. */
    static ServerKey load(ClusterApi api) throws IOException {
        Optional<StoredData> stored = api.read(StoredData.Kind.SECRET, SECRET);
        if (stored.isEmpty()) {
            try {
                stored = Optional.of(api.create(StoredData.Kind.SECRET, SECRET, generate()));
            } catch (ApiException e) {
                if (e.status() != 409) {
                    throw e;
                }
                stored = api.read(StoredData.Kind.SECRET, SECRET); // another manager was faster
            }
        }
        return parse(stored.orElseThrow(() -> new IOException("the Secret " + SECRET + " went")));
    }

    private static ServerKey parse(StoredData stored) {
        byte[] keyStore = stored.data().getOrDefault(KEY_STORE, new byte[0]);
        String password = stored.text(PASSWORD).orElse("");
        try {
            return ServerKey.load(keyStore, password.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new TpException(
                    TpException.Category.ENVIRONMENT,
                    "the key in the Secret " + SECRET + " cannot be read: " + e.getMessage(),
                    "delete that Secret and restart the manager; clients then learn the new key",
                    e);
        }
    }

    /** {@return a new P-256 key with its certificate} Made by keytool, which every JRE has. */
    static Map<String, byte[]> generate() throws IOException {
        Path directory =
                Files.createTempDirectory(
                        "tp-key",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Path store = directory.resolve(KEY_STORE);
        Path passwordFile = directory.resolve(PASSWORD);
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        byte[] password = HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII);
        try {
            Files.write(passwordFile, password);
            keytool(store, passwordFile);
            return Map.of(KEY_STORE, Files.readAllBytes(store), PASSWORD, password);
        } finally {
            Files.deleteIfExists(store);
            Files.deleteIfExists(passwordFile);
            Files.deleteIfExists(directory);
        }
    }

    private static void keytool(Path store, Path passwordFile) throws IOException {
        // The password is in a file: arguments and environment can be read in /proc.
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-J-Xmx64m",
                        "-genkeypair",
                        "-alias",
                        "tp-manager",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-sigalg",
                        "SHA256withECDSA",
                        "-validity",
                        "36500",
                        "-dname",
                        "CN=tp-manager",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass:file",
                        passwordFile.toString());
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("keytool did not end within " + KEYTOOL_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException("keytool ended with " + process.exitValue());
        }
    }
}
