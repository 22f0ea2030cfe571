package tp.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The image as a container runtime would take it: unpacked by its manifest, run by its config. */
class ContainerIT {

    private static final Path TAR = Path.of(System.getProperty("tp.container"));
    private static final Path MODULES = Path.of(System.getProperty("tp.modules"));

    private static final JsonMapper JSON = new JsonMapper();

    /** A third of it is the JVM. */
    private static final long MOST_BYTES = 60_000_000;

    @TempDir Path folder;

    private Path layout = Path.of("");
    private JsonNode image = JSON.nullNode();

    @BeforeEach
    void unpack() throws Exception {
        layout = Files.createDirectories(folder.resolve("layout"));
        run("tar", "-xf", TAR.toString(), "-C", layout.toString());
        image = JSON.readTree(layout.resolve("index.json"));
    }

    /** {@return the content of that digest, which is checked} */
    private Path blob(JsonNode descriptor) throws Exception {
        String digest = descriptor.get("digest").asString();
        Path file = layout.resolve("blobs/" + digest.replace(':', '/'));
        assertThat("sha256:" + run("sha256sum", file.toString()).substring(0, 64))
                .isEqualTo(digest);
        assertThat(Files.size(file)).isEqualTo(descriptor.get("size").asLong());
        return file;
    }

    private JsonNode manifest() throws Exception {
        return JSON.readTree(blob(image.get("manifests").get(0)));
    }

    private JsonNode config() throws Exception {
        return JSON.readTree(blob(manifest().get("config")));
    }

    @Test
    void itIsSmallAndSaysWhatItIs() throws Exception {
        JsonNode config = config();

        assertThat(Files.size(TAR)).isLessThan(MOST_BYTES);
        assertThat(config.get("architecture").asString()).isEqualTo("amd64");
        assertThat(config.get("config").get("User").asString()).isEqualTo("65532:65532");
        assertThat(config.get("config").get("ExposedPorts").propertyNames())
                .containsExactlyInAnyOrder("8443/tcp", "8444/tcp", "8445/tcp", "8446/udp");
        // By this `ctr import` and `kind load image-archive` name what they load.
        assertThat(
                        image.get("manifests")
                                .get(0)
                                .get("annotations")
                                .get("org.opencontainers.image.ref.name")
                                .asString())
                .isEqualTo(ContainerBuild.NAME);
    }

    @Test
    void theSameModulesGiveTheSameBytes() throws Exception {
        Path again = folder.resolve("again.tar");

        ContainerBuild.build(MODULES, folder.resolve("work"), again);

        assertThat(Files.mismatch(TAR, again)).isEqualTo(-1);
    }

    @Test
    void theManagerStartsWithoutRightsOnAFileSystemThatIsOnlyRead() throws Exception {
        List<String> entrypoint = entrypoint();

        assertThat(start(unpacked(), entrypoint))
                .startsWith(
                        "tp manager: KUBERNETES_SERVICE_HOST is not set; run the manager in a pod")
                .hasLineCount(2)
                .endsWith("exit 1\n");
    }

    @Test
    void itsNativeCodeNeedsNoPlaceToBeUnpackedTo() throws Exception {
        Path root = unpacked();
        Path classes = Files.createDirectories(root.resolve("check/tp/container"));
        Files.copy(
                Path.of("target/test-classes/tp/container/NativeCode.class"),
                classes.resolve("NativeCode.class"));
        List<String> command =
                List.of(
                        entrypoint().getFirst(),
                        "--illegal-native-access=allow",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-modules",
                        "io.netty.codec.classes.quic,io.netty.transport.classes.epoll",
                        "-cp",
                        "/check",
                        NativeCode.class.getName(),
                        "io.netty.channel.epoll.Epoll",
                        "io.netty.handler.codec.quic.Quic");

        assertThat(start(root, command)).isEqualTo("loaded\n");
    }

    private List<String> entrypoint() throws Exception {
        JsonNode words = config().get("config").get("Entrypoint");
        return StreamSupport.stream(words.spliterator(), false).map(JsonNode::asString).toList();
    }

    private Path unpacked() throws Exception {
        requireRoot();
        Path root = Files.createDirectories(folder.resolve("root"));
        for (JsonNode layer : manifest().get("layers")) {
            run("tar", "-xzf", blob(layer).toString(), "-C", root.toString());
        }
        run("chmod", "755", folder.toString());
        return root;
    }

    private static final String START =
            """
            root=$1; shift
            mkdir $root/proc
            mount --bind $root $root
            mount -t proc proc $root/proc
            mount -o remount,bind,ro $root
            if touch $root/written 2>/dev/null; then echo "the root can be written"; exit 1; fi
            chroot --userspec=65532:65532 --groups= $root "$@" || echo "exit $?"
            """;

    /** Runs it in that root as a container runtime would, as far as rights and files go. */
    private static String start(Path root, List<String> command) throws Exception {
        List<String> line = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "sh"));
        line.addAll(List.of("-ec", START, "sh", root.toString()));
        line.addAll(command);
        return run(line.toArray(String[]::new));
    }

    private static void requireRoot() throws IOException {
        if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
            String line = "not run: ContainerIT needs root for a root file system of its own";
            System.out.println(line);
            throw new TestAbortedException(line);
        }
    }

    private static String run(String... command) throws Exception {
        // Its output is read to the end, so that only the program's own limit is one.
        List<String> line = new ArrayList<>(List.of("timeout", "60"));
        line.addAll(List.of(command));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text;
    }
}
