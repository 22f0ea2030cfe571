package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.connector.NetworkMemory.Way;

class KnownNetworksTest {

    private static final Way DIRECT =
            new Way("quic", Optional.of(URI.create("quic://192.0.2.7:30446")));
    private static final Way THROUGH_API = new Way("port-forward", Optional.empty());

    @TempDir private Path folder;
    private Path file;
    private Set<String> here = Set.of("192.168.1.7/24");
    private KnownNetworks networks;

    @BeforeEach
    void open() {
        file = folder.resolve("networks");
        networks = new KnownNetworks(file, () -> here);
    }

    @Test
    void whatWorkedIsKnownForThatNetworkAndThatManagerOnly() {
        networks.worked("a", DIRECT);
        networks.worked("b", THROUGH_API);
        assertThat(networks.recall("a")).contains(DIRECT);
        assertThat(networks.recall("b")).contains(THROUGH_API);
        assertThat(networks.recall("c")).isEmpty();
        here = Set.of("10.0.0.3/8");
        assertThat(networks.recall("a")).isEmpty();
        networks.worked("a", THROUGH_API);
        here = Set.of("192.168.1.7/24");
        assertThat(new KnownNetworks(file, () -> here).recall("a")).contains(DIRECT);
    }

    @Test
    void theLatestCountsAndTheOldestIsForgotten() throws IOException {
        networks.worked("a", DIRECT);
        networks.worked("a", THROUGH_API);
        assertThat(networks.recall("a")).contains(THROUGH_API);
        for (int i = 0; i < 64; i++) {
            networks.worked("m" + i, DIRECT);
        }
        assertThat(networks.recall("a")).isEmpty();
        assertThat(Files.readAllLines(file))
                .hasSize(64)
                .noneMatch(line -> line.contains("192.168"));
    }

    @Test
    void theFileIsTheUsersOwnAndGarbageInItIsNothing() throws IOException {
        networks.worked("a", DIRECT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String key = Files.readString(file).split(" ", -1)[0];
        for (String line : new String[] {key, key + " ", key + " quic", key + " quic ht tp", ""}) {
            Files.writeString(file, line + "\n");
            assertThat(networks.recall("a")).as(line).isEmpty();
        }
        Files.write(file, new byte[100_000]);
        assertThat(networks.recall("a")).isEmpty();
        Files.delete(file);
        Files.createDirectory(file);
        networks.worked("a", DIRECT);
        assertThat(networks.recall("a")).isEmpty();
    }
}
