package tp.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.testkit.laptop.Laptop;

/** A jar that somebody else wrote, dropped into the finished image, carries the main job. */
class PluginIT {

    private static final Path SOURCES = Path.of("src/test/resources/tp/dist/plugin");

    @TempDir Path folder;

    @Test
    void aTransportDroppedIntoTheImageCarriesTheMainJob() throws Exception {
        Path image = imageWithPlugins();
        PluginJar.build(SOURCES, folder.resolve("classes"), image.resolve("plugins/pigeon.jar"));
        Files.writeString(image.resolve("plugins/broken.jar"), "no jar");

        try (Laptop laptop = Laptop.start(image)) {
            Laptop.Result connected = laptop.run("tp connect --transport=pigeon");
            assertThat(connected.exit()).as(connected.output()).isZero();

            assertThat(laptop.run("tp status --output json").output())
                    .contains("\"transport\":{\"id\":\"pigeon\"");
            assertThat(laptop.run("curl -fsS -m 10 verylargejavaservice.default:8080").output())
                    .contains("<title>");
            assertThat(
                            laptop.run(
                                            "curl -fsS -m 60 'verylargedatastore.default:8080/bytes?size=10000000' | wc -c")
                                    .output())
                    .isEqualTo("10000000");
            Laptop.Result plugins = laptop.run("tp plugins");
            assertThat(plugins.output())
                    .contains("pigeon", "com.example.tp.pigeon", "slow, but it flies")
                    .contains("broken.jar");

            assertThat(laptop.run("tp quit").exit()).isZero();
            // Far more than what connecting takes: the download went this way.
            assertThat(
                            laptop.run(
                                            "sed -n 's/.*pigeons carried \\([0-9,]*\\) bytes/\\1/p' \"$(tp version | sed -n 's/^Log *: //p')\" | tail -1 | tr -d ,")
                                    .output())
                    .matches("1\\d{7}");

            // The best is taken where nobody asks for another.
            assertThat(laptop.run("tp connect && tp status --output json && tp quit").output())
                    .contains("\"transport\":{\"id\":\"grpc\"");
        }
    }

    private Path imageWithPlugins() throws Exception {
        Path image = folder.resolve("image");
        Process copy =
                new ProcessBuilder(
                                "cp",
                                "-r",
                                Laptop.tp().getParent().getParent().toString(),
                                image.toString())
                        .inheritIO()
                        .start();
        assertThat(copy.waitFor()).isZero();
        Files.createDirectories(image.resolve("plugins"));
        return image;
    }
}
