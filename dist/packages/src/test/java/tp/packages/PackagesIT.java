package tp.packages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** The packages as whoever installs them has them: unpacked, and run from there. */
class PackagesIT {

    private static final Path ARCHIVE = Path.of(System.getProperty("tp.archive"));
    private static final Path DEB = Path.of(System.getProperty("tp.deb"));
    private static final String VERSION = "tp " + System.getProperty("tp.version");

    @TempDir Path folder;

    @Test
    void theArchiveRunsFromWhereverItIsUnpacked() throws Exception {
        run("tar", "-xzf", ARCHIVE.toString(), "-C", folder.toString());
        Path home = folder.resolve("tp-" + System.getProperty("tp.version"));

        assertThat(run(home.resolve("bin/tp").toString(), "--version").strip()).isEqualTo(VERSION);
        // Here a JVM starts another one, for which a program of the runtime has to be one.
        assertThat(run(home.resolve("bin/tp").toString(), "plugins")).contains("port-forward");
        assertThat(home.resolve("lib/jspawnhelper")).isExecutable();
        assertThat(home.resolve("LICENSE")).isNotEmptyFile();
        assertSharedFilesIn(home.resolve("share"));
    }

    @Test
    void theDebianPackageIsWhatDpkgTakes() throws Exception {
        needs("dpkg-deb");
        run("dpkg-deb", "-x", DEB.toString(), folder.toString());

        assertThat(run("dpkg-deb", "-f", DEB.toString(), "Package", "Architecture"))
                .contains("Package: tp", "Architecture: amd64");
        assertThat(run("dpkg-deb", "-c", DEB.toString()))
                .contains("root/root", "./usr/bin/tp -> ../lib/tp/bin/tp")
                .doesNotContain(System.getProperty("user.dir"));
        assertThat(run(folder.resolve("usr/bin/tp").toString(), "--version").strip())
                .isEqualTo(VERSION);
        assertSharedFilesIn(folder.resolve("usr/share"));
    }

    @Test
    void kubectlFindsItAsAPlugIn() throws Exception {
        needs("kubectl");
        run("tar", "-xzf", ARCHIVE.toString(), "-C", folder.toString());
        Path bin = folder.resolve("tp-" + System.getProperty("tp.version")).resolve("bin");

        String path = bin + ":" + System.getenv("PATH");
        assertThat(run(Map.of("PATH", path), "kubectl", "tp", "--version").strip())
                .isEqualTo(VERSION);
        assertThat(run(Map.of("PATH", path), "kubectl", "tp", "connect", "--help"))
                .contains("--kubeconfig");
    }

    @Test
    void theManPageIsReadable() throws Exception {
        needs("groff");
        run("tar", "-xzf", ARCHIVE.toString(), "-C", folder.toString());
        Path page =
                folder.resolve("tp-" + System.getProperty("tp.version"))
                        .resolve("share/man/man1/tp.1");

        String shown =
                run("groff", "-man", "-ww", "-Tascii", "-P-c", "-P-b", "-P-u", page.toString());
        assertThat(shown)
                .contains("gives this machine the network view of a pod")
                .contains("tp gather-logs", "--mapped-namespaces=NAME[,NAME...]", "EXIT STATUS")
                .contains("source <(tp completion bash)")
                .doesNotContain("warning", "@COMMANDS@");
    }

    private static void assertSharedFilesIn(Path share) throws IOException {
        assertThat(Files.readString(share.resolve("man/man1/tp.1"))).startsWith(".TH TP 1");
        assertThat(share.resolve("bash-completion/completions/tp")).content().contains("complete");
        assertThat(share.resolve("zsh/vendor-completions/_tp")).content().startsWith("#compdef tp");
        assertThat(share.resolve("fish/vendor_completions.d/tp.fish"))
                .content()
                .contains("complete");
    }

    private static void needs(String program) {
        boolean there =
                List.of(System.getenv("PATH").split(":", -1)).stream()
                        .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
        if (!there) {
            System.out.println("not run: needs " + program);
            throw new TestAbortedException("needs " + program);
        }
    }

    private static String run(String... command) throws Exception {
        return run(Map.of(), command);
    }

    private static String run(Map<String, String> environment, String... command) throws Exception {
        // Its output is read to the end, so that only the program's own limit is one.
        List<String> line = new ArrayList<>(List.of("timeout", "60"));
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
