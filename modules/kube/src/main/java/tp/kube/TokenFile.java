package tp.kube;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tp.spi.common.TpException;

/** A token that something else keeps fresh in a file: read again for each request. */
final class TokenFile implements OAuthTokenProvider {

    private static final int MOST_BYTES = 64 << 10;

    private final Path file;

    TokenFile(Path file) {
        this.file = file;
    }

    @Override
    public String getToken() {
        try {
            if (Files.size(file) <= MOST_BYTES) {
                return Files.readString(file).strip();
            }
        } catch (IOException e) {
            // Told below: the reason may quote the content.
        }
        throw TpException.environment(
                "the tokenFile " + file + " of the kubeconfig cannot be read",
                "repair the kubeconfig, or choose another --context");
    }
}
