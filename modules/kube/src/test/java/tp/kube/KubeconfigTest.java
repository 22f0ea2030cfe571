package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;
import tp.spi.common.TpException.Category;

class KubeconfigTest {

    private @TempDir Path folder;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Clusters.write(folder, "config", Clusters.kubeconfig("https://k.example:6443"));
    }

    @Test
    void theCurrentContextIsTakenWhereNoneIsNamed() {
        Kubeconfig config = load(Optional.of(file), Optional.empty(), Map.of());

        assertThat(config.contextName()).isEqualTo("dev");
        assertThat(config.namespace()).isEqualTo("team-a");
        assertThat(config.cluster().getCluster().getServer()).isEqualTo("https://k.example:6443");
    }

    @Test
    void aContextWithoutANamespaceMeansDefault() {
        assertThat(load(Optional.of(file), Optional.of("other"), Map.of()).namespace())
                .isEqualTo("default");
    }

    @Test
    void ofSeveralFilesTheFirstThatNamesAThingWins() throws IOException {
        Path first =
                Clusters.write(
                        folder,
                        "first",
                        """
                        current-context: mixed
                        contexts:
                        - {name: mixed, context: {cluster: here, user: me, namespace: first}}
                        - {name: dev, context: {cluster: here, user: me, namespace: first}}
                        """);
        String paths = folder.resolve("absent") + File.pathSeparator + first;
        var environment = Map.of("KUBECONFIG", paths + File.pathSeparator + file);

        Kubeconfig config = load(Optional.empty(), Optional.empty(), environment);
        assertThat(config.contextName()).isEqualTo("mixed");
        assertThat(config.cluster().getCluster().getServer()).isEqualTo("https://k.example:6443");
        assertThat(load(Optional.empty(), Optional.of("dev"), environment).namespace())
                .isEqualTo("first");
    }

    @Test
    void withoutAnythingNamedItIsTheOneInTheHomeFolder() throws IOException {
        Path home = Files.createDirectories(folder.resolve("home/.kube"));
        Files.copy(file, home.resolve("config"));
        var environment = Map.of("HOME", folder.resolve("home").toString(), "KUBECONFIG", "");

        assertThat(load(Optional.empty(), Optional.empty(), environment).contextName())
                .isEqualTo("dev");
    }

    @Test
    void whatIsNamedOnTheCommandLineIsReadAlone() {
        var environment = Map.of("KUBECONFIG", file.toString());

        assertTold(Optional.of(folder.resolve("no")), Optional.empty(), environment)
                .contains("there is no kubeconfig " + folder.resolve("no"), "--kubeconfig");
    }

    @Test
    void anUnknownContextListsTheKnownOnes() {
        assertTold(Optional.of(file), Optional.of("prod"), Map.of())
                .contains("no context 'prod'", "dev, other", file.toString());
    }

    @Test
    void aLongListOfContextsIsCut() throws IOException {
        var contexts = new StringBuilder("contexts:\n");
        for (int i = 100; i < 200; i++) {
            contexts.append("- {name: c").append(i).append(", context: {cluster: a, user: b}}\n");
        }
        Path many = Clusters.write(folder, "many", contexts.toString());

        assertTold(Optional.of(many), Optional.empty(), Map.of())
                .contains("no current context", "c100, c101", "and 80")
                .doesNotContain("c150");
    }

    @Test
    void aDirectoryIsNotAFile() {
        assertTold(Optional.of(folder), Optional.empty(), Map.of()).contains("is no file");
    }

    @Test
    void aHugeFileIsNotRead() throws IOException {
        Path huge = Clusters.write(folder, "huge", "#".repeat((4 << 20) + 1));

        assertTold(Optional.of(huge), Optional.empty(), Map.of()).contains("larger than 4 MiB");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "users:\n- name: me\n  user: {token: SECRET-VALUE\n - x",
                "users: [{name: me, user: {token: {SECRET-VALUE: 1}}}]",
                "users: SECRET-VALUE",
                "SECRET-VALUE",
                "\tusers: SECRET-VALUE",
                "- SECRET-VALUE",
                "SECRET-VALUE: &itself [*itself]",
            })
    void brokenYamlIsToldWithoutItsContent(String yaml) throws IOException {
        Path broken = Clusters.write(folder, "broken", yaml);

        assertTold(Optional.of(broken), Optional.empty(), Map.of())
                .contains("the kubeconfig " + broken + " is not valid YAML of a kubeconfig");
    }

    @ParameterizedTest
    @CsvSource({"'', no current context", "'contexts: []', no current context", "'{}', no current"})
    void anEmptyConfigHasNoCurrentContext(String yaml, String expected) throws IOException {
        Path empty = Clusters.write(folder, "empty", yaml);

        assertTold(Optional.of(empty), Optional.empty(), Map.of())
                .contains(expected, "--kubeconfig");
    }

    @ParameterizedTest
    @CsvSource({"cluster: here, cluster: gone, cluster", "user: me, user: gone, user"})
    void aContextThatNamesWhatIsNotThereIsBroken(String from, String to, String kind)
            throws IOException {
        Files.writeString(file, Files.readString(file).replace(from, to));

        assertTold(Optional.of(file), Optional.empty(), Map.of())
                .contains("names the " + kind + " 'gone', which the kubeconfig lacks");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k.example:6443", "ftp://k.example", "https://", "http://a b"})
    void aServerThatIsNoAddressIsToldOf(String server) throws IOException {
        Files.writeString(file, Clusters.kubeconfig(server));
        var settings = new KubeSettings(Optional.of(file), Optional.empty());

        assertThatThrownBy(() -> KubeCluster.open(settings, Clusters.surroundings(Pace.ofSystem())))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> assertThat(e.line()).contains("is no address", "--context"));
    }

    /** With the kubeconfig's folder, which is what it is relative to. */
    @ParameterizedTest
    @ValueSource(
            strings = {"tokenFile", "client-certificate", "client-key", "certificate-authority"})
    void aFileThatIsNotThereIsNamed(String field) throws IOException {
        String given =
                field.equals("certificate-authority") ? "{server:" : "token: " + Clusters.SECRET;
        String wanted = field + ": gone.pem";
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                given,
                                given.startsWith("{") ? "{" + wanted + ", server:" : wanted));
        var settings = new KubeSettings(Optional.of(file), Optional.empty());

        assertThatThrownBy(() -> KubeCluster.open(settings, Clusters.surroundings(Pace.ofSystem())))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e ->
                                assertThat(e.line())
                                        .contains(field, folder.resolve("gone.pem").toString()));
    }

    private static Kubeconfig load(
            Optional<Path> path, Optional<String> context, Map<String, String> environment) {
        return Kubeconfig.load(new KubeSettings(path, context), environment);
    }

    private static org.assertj.core.api.AbstractStringAssert<?> assertTold(
            Optional<Path> path, Optional<String> context, Map<String, String> environment) {
        var told = new String[1];
        assertThatThrownBy(() -> load(path, context, environment))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            told[0] = e.line();
                            assertThat(e.category()).isIn(Category.USAGE, Category.ENVIRONMENT);
                            assertThat(e.nextStep()).isNotBlank();
                            assertThat(e).hasNoCause();
                        });
        return assertThat(told[0]).hasLineCount(1).doesNotContain("SECRET", Clusters.SECRET);
    }
}
