package tp.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamespaceFilesTest {

    @TempDir private Path folder;
    @TempDir private Path etc;

    /** A mount, as far as a reader sees it. */
    private void bind(Path shown, Path place) throws IOException {
        Files.copy(shown, place, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void whatIsShownAlreadyIsNotShownOnTopOfItself() throws IOException {
        Path resolver = Files.writeString(etc.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        Path nsswitch = Files.writeString(etc.resolve("nsswitch.conf"), "hosts: files resolve\n");
        NamespaceFiles files = new NamespaceFiles(folder, etc, this::bind);
        for (String content : List.of("a", "a", "b", "b", "b")) {
            files.resolver(content);
            assertThat(resolver).hasContent(content);
            assertThat(nsswitch).hasContent("hosts: files dns\n");
        }
        Files.writeString(resolver, "the host's, which was replaced");
        files.resolver("b");

        assertThat(resolver).hasContent("b");
        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        "resolv.conf.1", "nsswitch.conf.2", "resolv.conf.3", "resolv.conf.4");
    }

    @ParameterizedTest
    @CsvSource({
        "hosts: files dns, hosts: files dns",
        "hosts:\tfiles  dns myhostname, hosts:\tfiles  dns myhostname",
        "hosts: files mdns4_minimal [NOTFOUND=return] dns, hosts: files dns",
        "hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns, hosts: files dns",
        "hosts: files, hosts: files dns",
        "passwd: files systemd, passwd: files systemd",
        "# hosts: resolve, # hosts: resolve",
    })
    void namesComeFromFilesAndDnsAlone(String line, String expected) {
        assertThat(NamespaceFiles.withoutOthers("a: b\n" + line + "\n"))
                .isEqualTo("a: b\n" + expected + "\n");
    }
}
