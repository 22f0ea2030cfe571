package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ExecConfig;
import io.fabric8.kubernetes.api.model.ExecConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tp.spi.common.TpException;

@Timeout(60)
class ExecCredentialTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private @TempDir Path folder;

    @Test
    void runsTheProgramItselfWithItsArgumentsAndVariables() throws IOException {
        script(
                "test \"$1\" = 'a $HOME \"b' && test \"$X\" = y || exit 3",
                "case \"$KUBERNETES_EXEC_INFO\" in *ExecCredential*) ;; *) exit 4;; esac",
                "echo noise >&2",
                "echo '{\"status\":{\"token\":\"tok\"}}'");
        ExecConfig exec =
                new ExecConfigBuilder()
                        .withApiVersion("client.authentication.k8s.io/v1")
                        .withCommand("./plugin")
                        .withArgs("a $HOME \"b")
                        .addNewEnv("X", "y")
                        .build();

        assertThat(credential(exec).getToken()).isEqualTo("tok");
    }

    @Test
    void aTokenIsKeptUntilShortlyBeforeItsEnd() throws IOException {
        counting("\"token\":\"t'$n'\",\"expirationTimestamp\":\"2026-01-01T00:01:00Z\"");
        ExecCredential credential = credential(exec());

        assertThat(credential.getToken()).isEqualTo("t1");
        now.set(NOW.plusSeconds(49));
        assertThat(credential.getToken()).isEqualTo("t1");
        now.set(NOW.plusSeconds(51));
        assertThat(credential.getToken()).isEqualTo("t2");
    }

    @Test
    void aTokenWithoutAnEndIsKeptUntilItIsRefused() throws IOException {
        counting("\"token\":\"t'$n'\"");
        ExecCredential credential = credential(exec());

        assertThat(credential.getToken()).isEqualTo("t1");
        now.set(NOW.plusSeconds(1_000_000));
        assertThat(credential.getToken()).isEqualTo("t1");
        credential.forget();
        assertThat(credential.getToken()).isEqualTo("t2");
    }

    @Test
    void aCertificateIsPassedOnAsAKubeconfigHoldsIt() throws IOException {
        counting("\"clientCertificateData\":\"CERT\",\"clientKeyData\":\"KEY\"");

        assertThat(credential(exec()).certificate())
                .contains(new ExecCredential.CertificateData("Q0VSVA==", "S0VZ"));
        assertThat(credential(exec()).certificate().orElseThrow().toString())
                .doesNotContain("Q0VSVA==", "S0VZ");
    }

    @ParameterizedTest
    @CsvSource({
        "exit 7, ended with code 7",
        "echo SECRET, did not print an ExecCredential",
        "echo '[]', gave neither a token nor a certificate",
        "'echo \"{\\\"status\\\":{\\\"token\\\":\\\"\\\"}}\"', gave neither a token",
        "'echo \"{\\\"status\\\":{\\\"token\\\":\\\"SECRET\\\",\\\"expirationTimestamp\\\":\\\"x\\\"}}\"',"
                + " did not print an ExecCredential",
    })
    void aFailureNamesTheProgramAndNotWhatItPrinted(String line, String told) throws IOException {
        script(line);

        assertThatThrownBy(() -> credential(exec()).getToken())
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            assertThat(e.line())
                                    .contains("'./plugin' " + told)
                                    .doesNotContain("SECRET")
                                    .hasLineCount(1);
                            assertThat(e).hasNoCause();
                        });
    }

    @Test
    void aProgramThatIsNotThereGivesTheHintOfTheKubeconfig() {
        ExecConfig exec =
                new ExecConfigBuilder()
                        .withCommand("no-such-plugin")
                        .withInstallHint("install it from example.com")
                        .build();

        assertThatThrownBy(() -> credential(exec).getToken())
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> assertThat(e.line()).contains("'no-such-plugin'", "install it from"));
    }

    private ExecCredential credential(ExecConfig exec) {
        return new ExecCredential(exec, Optional.of(folder), now::get);
    }

    private static ExecConfig exec() {
        return new ExecConfigBuilder().withCommand("./plugin").build();
    }

    private void counting(String status) throws IOException {
        Path counter = folder.resolve("counter");
        script(
                "echo x >> " + counter,
                "n=$(wc -l < " + counter + ")",
                "echo '{\"status\":{" + status + "}}'");
    }

    private void script(String... lines) throws IOException {
        Path script = folder.resolve("plugin");
        Files.writeString(script, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }
}
