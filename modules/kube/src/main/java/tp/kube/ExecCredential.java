package tp.kube;

import io.fabric8.kubernetes.api.model.ExecConfig;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tp.spi.common.TpException;

/**
 * A credential plug-in of the kubeconfig ({@code users[].user.exec}): a program of the user's that
 * prints an ExecCredential. Run directly and not by a shell; what it prints is never logged.
 */
final class ExecCredential implements OAuthTokenProvider {

    private static final int MOST_BYTES = 1 << 20;
    private static final long TIMEOUT_SECONDS = 60;

    /** A token is renewed a little before it ends, so that it does not end on its way. */
    private static final long MARGIN_SECONDS = 10;

    private final ExecConfig exec;
    private final Optional<Path> folder;
    private final InstantSource clock;
    private final AtomicReference<@Nullable Answer> last = new AtomicReference<>();

    /**
     * What the plug-in printed. Secret.
     *
     * @param expires null where it holds until the server refuses it
     */
    record Answer(
            @Nullable String token, @Nullable CertificateData pair, @Nullable Instant expires) {
        @Override
        public String toString() {
            return "Answer";
        }
    }

    /** A client certificate with its key: base64 of PEM, as in a kubeconfig. Secret. */
    record CertificateData(String certificate, String key) {
        @Override
        public String toString() {
            return "CertificateData";
        }
    }

    ExecCredential(ExecConfig exec, Optional<Path> folder) {
        this(exec, folder, InstantSource.system());
    }

    ExecCredential(ExecConfig exec, Optional<Path> folder, InstantSource clock) {
        this.exec = exec;
        this.folder = folder;
        this.clock = clock;
    }

    @Override
    public @Nullable String getToken() {
        return answer().token();
    }

    Optional<CertificateData> certificate() {
        return Optional.ofNullable(answer().pair());
    }

    /** The server refused what the plug-in gave last. */
    void forget() {
        last.set(null);
    }

    private synchronized Answer answer() {
        Answer known = last.get();
        if (known != null
                && (known.expires() == null
                        || clock.instant()
                                .isBefore(known.expires().minusSeconds(MARGIN_SECONDS)))) {
            return known;
        }
        Answer fresh = parsed(run());
        last.set(fresh);
        return fresh;
    }

    private byte[] run() {
        Process process;
        try {
            process = builder().start();
        } catch (IOException e) {
            String hint = exec.getInstallHint();
            throw TpException.environment(
                    "the credential plug-in '" + exec.getCommand() + "' cannot be started",
                    hint == null || hint.isBlank()
                            ? "install it, or choose another --context"
                            : Failures.oneLine(hint));
        }
        try (InputStream output = process.getInputStream()) {
            Thread.ofVirtual().start(() -> endIfSlow(process));
            byte[] bytes = output.readNBytes(MOST_BYTES);
            if (process.waitFor() == 0) {
                return bytes;
            }
            throw failed("ended with code " + process.exitValue());
        } catch (IOException e) {
            throw failed("could not be read");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static void endIfSlow(Process process) {
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ProcessBuilder builder() {
        List<String> command = new ArrayList<>();
        String program = exec.getCommand();
        // client-go: a relative path with a separator starts at the kubeconfig's folder.
        command.add(
                program.contains("/") && folder.isPresent()
                        ? folder.get().resolve(program).toString()
                        : program);
        if (exec.getArgs() != null) {
            command.addAll(exec.getArgs());
        }
        var builder = new ProcessBuilder(command);
        builder.redirectError(Redirect.DISCARD).redirectInput(Redirect.from(new File("/dev/null")));
        if (exec.getEnv() != null) {
            exec.getEnv()
                    .forEach(
                            variable ->
                                    builder.environment()
                                            .put(variable.getName(), variable.getValue()));
        }
        builder.environment()
                .put(
                        "KUBERNETES_EXEC_INFO",
                        "{\"apiVersion\":\""
                                + exec.getApiVersion()
                                + "\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}");
        return builder;
    }

    Answer parsed(byte[] output) {
        try {
            JsonNode status =
                    JsonMapper.shared()
                            .readTree(new String(output, StandardCharsets.UTF_8))
                            .path("status");
            String token = text(status, "token");
            String certificate = text(status, "clientCertificateData");
            String key = text(status, "clientKeyData");
            String expires = text(status, "expirationTimestamp");
            if (token == null && (certificate == null || key == null)) {
                throw failed("gave neither a token nor a certificate");
            }
            return new Answer(
                    token,
                    certificate == null || key == null
                            ? null
                            : new CertificateData(base64(certificate), base64(key)),
                    expires == null ? null : Instant.parse(expires));
        } catch (JacksonException | DateTimeParseException e) {
            // Without the cause: it quotes the output.
            throw failed("did not print an ExecCredential");
        }
    }

    private static String base64(String pem) {
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static @Nullable String text(JsonNode status, String field) {
        String value = status.path(field).asString("");
        return value.isBlank() ? null : value;
    }

    private TpException failed(String how) {
        return TpException.environment(
                "the credential plug-in '" + exec.getCommand() + "' " + how,
                "run it yourself to see why, or log in again");
    }
}
