package tp.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tp.spi.common.TpException;
import tp.testkit.Peer;

/** The API server is who the kubeconfig says, and the user who he says. */
@Timeout(60)
class TlsTest {

    private @TempDir Path folder;

    @Test
    void theAuthorityOfTheKubeconfigIsTrustedForCallsAndStreams() throws Exception {
        KeyMaterial key = KeyMaterial.make(folder, "server", "IP:127.0.0.1");
        try (FakeApiServer server = new FakeApiServer(tls(key));
                KubeCluster cluster = open(server, authority(key))) {
            server.listen(Peer.echo());
            try (ByteChannel stream =
                    cluster.access().portForward("tp-system", "tp-manager-0", 8443)) {
                stream.write(ByteBuffer.wrap(new byte[] {7}));
                ByteBuffer answer = ByteBuffer.allocate(8);

                assertThat(stream.read(answer)).isEqualTo(1);
                assertThat(answer.get(0)).isEqualTo((byte) 7);
            }
        }
    }

    @Test
    void anUnknownAuthorityIsRefused() throws Exception {
        KeyMaterial key = KeyMaterial.make(folder, "server", "IP:127.0.0.1");
        try (FakeApiServer server = new FakeApiServer(tls(key))) {
            assertNoTls(server, "");
            assertThat(server.asked()).isEmpty();
        }
    }

    /** The authorities of the Java runtime say nothing of a cluster that names its own. */
    @Test
    void anAuthorityOfTheRuntimeIsRefusedWhereTheKubeconfigNamesAnother() throws Exception {
        KeyMaterial key = KeyMaterial.make(folder, "server", "IP:127.0.0.1");
        KeyMaterial other = KeyMaterial.make(folder, "other", "IP:127.0.0.1");
        Path store = folder.resolve("runtime.p12");
        KeyMaterial.trust(store, key);
        String property = "javax.net.ssl.trustStore";
        String before = System.getProperty(property);
        System.setProperty(property, store.toString());
        try (FakeApiServer server = new FakeApiServer(tls(key))) {
            open(server, "").close();
            assertNoTls(server, authority(other));
        } finally {
            if (before == null) {
                System.clearProperty(property);
            } else {
                System.setProperty(property, before);
            }
        }
    }

    @Test
    void anAuthorityThatIsNoCertificateIsToldWithoutItsContent() throws Exception {
        KeyMaterial key = KeyMaterial.make(folder, "server", "IP:127.0.0.1");
        try (FakeApiServer server = new FakeApiServer(tls(key))) {
            assertThatThrownBy(() -> open(server, ", certificate-authority-data: bm9uZQ==").close())
                    .isInstanceOfSatisfying(
                            TpException.class,
                            e -> assertThat(e.line()).contains("cannot be used").hasLineCount(1));
        }
    }

    @Test
    void aCertificateForAnotherHostIsRefused() throws Exception {
        KeyMaterial key = KeyMaterial.make(folder, "server", "DNS:other.example");
        try (FakeApiServer server = new FakeApiServer(tls(key))) {
            assertNoTls(server, authority(key));
            assertThat(server.asked()).isEmpty();
        }
    }

    @Test
    void aClientCertificateIsShown() throws Exception {
        KeyMaterial key = KeyMaterial.make(folder, "server", "IP:127.0.0.1");
        KeyMaterial user = KeyMaterial.make(folder, "user", "DNS:user");
        HttpServerOptions options =
                tls(key).setClientAuth(ClientAuth.REQUIRED).setTrustOptions(pfx(user));
        try (FakeApiServer server = new FakeApiServer(options)) {
            String credentials =
                    "client-certificate-data: "
                            + user.certificateData()
                            + ", client-key-data: "
                            + user.keyData();
            String config =
                    config(server, authority(key))
                            .replace("token: " + Clusters.SECRET, credentials);
            open(config).close();

            assertThat(server.asked()).isNotEmpty();
            assertNoTls(server, authority(key));
        }
    }

    private void assertNoTls(FakeApiServer server, String authority) {
        assertThatThrownBy(() -> open(server, authority).close())
                .isInstanceOfSatisfying(
                        TpException.class,
                        e ->
                                assertThat(e.line())
                                        .contains("no TLS connection to " + server.url())
                                        .hasLineCount(1));
    }

    private KubeCluster open(FakeApiServer server, String authority) throws IOException {
        return open(config(server, authority));
    }

    private KubeCluster open(String config) throws IOException {
        Path file = Clusters.write(folder, "config", config);
        return KubeCluster.open(
                new KubeSettings(Optional.of(file), Optional.empty()),
                Clusters.surroundings(Pace.ofSystem()));
    }

    private static String config(FakeApiServer server, String authority) {
        return Clusters.kubeconfig(server.url())
                .replace(
                        "server: \"" + server.url() + "\"",
                        "server: \"" + server.url() + "\"" + authority);
    }

    private static String authority(KeyMaterial key) throws Exception {
        return ", certificate-authority-data: " + key.certificateData();
    }

    private static HttpServerOptions tls(KeyMaterial key) {
        return new HttpServerOptions().setSsl(true).setKeyCertOptions(pfx(key));
    }

    private static PfxOptions pfx(KeyMaterial key) {
        return new PfxOptions()
                .setPath(key.keystore().toString())
                .setPassword(KeyMaterial.PASSWORD);
    }
}
