package tp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The question that completion asks an API server, to a server of our own with real TLS. */
class NamespaceQueryTest {

    private static final String LIST =
            """
            {"kind":"NamespaceList","metadata":{"name":"no"},"items":[
             {"metadata":{"name":"default","labels":{"name":"no"},"managedFields":[{"name":"no"}]}},
             {"spec":{"name":"no"},"metadata":{"name":"dev"}}]}""";

    @TempDir private Path folder;

    /** The heads of the requests that came, each with the subject of its client's certificate. */
    private final ConcurrentLinkedQueue<String> heads = new ConcurrentLinkedQueue<>();

    private Optional<SSLServerSocket> server = Optional.empty();

    @BeforeEach
    void makeCertificates() throws Exception {
        boolean there = Files.isExecutable(Path.of("/usr/bin/openssl"));
        if (!there) {
            System.out.println("not run: NamespaceQueryTest needs openssl");
        }
        assumeTrue(there, "not run: NamespaceQueryTest needs openssl");
        String req =
                "openssl req -x509 -nodes -days 2 -subj /CN=%1$s -out %1$s.crt -keyout %1$s.key ";
        String ec = "-newkey ec -pkeyopt ec_paramgen_curve:";
        run((req + ec + "P-256 -addext subjectAltName=IP:127.0.0.1").formatted("server"));
        run((req + ec + "P-256 -addext subjectAltName=IP:127.0.0.1").formatted("other"));
        run((req + "-newkey rsa:2048").formatted("rsa"));
        run((req + ec + "P-384").formatted("ec"));
        run("openssl rsa -in rsa.key -traditional -out rsa1.key");
        run("openssl ec -in ec.key -out ec1.key");
        run(
                "openssl pkcs12 -export -in server.crt -inkey server.key -passout pass:x -out server.p12");
        server = Optional.of(listen());
    }

    @AfterEach
    void stop() throws IOException {
        if (server.isPresent()) {
            server.get().close();
        }
    }

    private void run(String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command.split(" "))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    }

    private SSLServerSocket listen() throws Exception {
        KeyStore own =
                KeyStore.getInstance(folder.resolve("server.p12").toFile(), "x".toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, "x".toCharArray());
        KeyStore clients = KeyStore.getInstance("PKCS12");
        clients.load(null, null);
        for (String client : List.of("rsa", "ec")) {
            try (InputStream pem = Files.newInputStream(folder.resolve(client + ".crt"))) {
                clients.setCertificateEntry(
                        client,
                        java.security.cert.CertificateFactory.getInstance("X.509")
                                .generateCertificate(pem));
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(clients);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        SSLServerSocket socket =
                (SSLServerSocket)
                        tls.getServerSocketFactory()
                                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setWantClientAuth(true);
        Thread.ofPlatform().daemon().start(() -> serve(socket));
        return socket;
    }

    private void serve(SSLServerSocket socket) {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                answer((SSLSocket) client);
            } catch (IOException e) {
                // A client that does not trust us, or the end of the test.
            }
        }
    }

    private void answer(SSLSocket client) throws IOException {
        client.startHandshake();
        StringBuilder head = new StringBuilder();
        InputStream in = client.getInputStream();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int one = in.read();
            if (one < 0) {
                return;
            }
            head.append((char) one);
        }
        String subject = "nobody";
        try {
            subject = client.getSession().getPeerPrincipal().getName();
        } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
            // It showed none.
        }
        heads.add(subject + " " + head);
        boolean moved = head.toString().contains("Bearer moved");
        String status = moved ? "302 Found\r\nLocation: https://127.0.0.1:1/x" : "200 OK";
        client.getOutputStream()
                .write(
                        ("HTTP/1.1 "
                                        + status
                                        + "\r\nConnection: close\r\nContent-Length: "
                                        + LIST.length()
                                        + "\r\n\r\n"
                                        + LIST)
                                .getBytes(StandardCharsets.UTF_8));
    }

    private List<String> ask(String cluster, String user) throws IOException {
        Path file = folder.resolve("config");
        int port = server.orElseThrow().getLocalPort();
        Files.writeString(
                file,
                """
                current-context: x
                contexts: [{name: x, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:%d/", %s}}]
                users: [{name: u, user: {%s}}]
                """
                        .formatted(port, cluster, user));
        Kubeconfig config = Kubeconfig.read(Optional.of(file.toString()), Map.of());
        Optional<NamespaceQuery> query =
                NamespaceQuery.of(config, config.context("x").orElseThrow());
        return query.isPresent() ? query.get().ask() : List.of("not asked");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "token: secret | nobody GET /api/v1/namespaces?limit=500 | Authorization: Bearer secret",
                "tokenFile: token | nobody GET | Authorization: Bearer from-file",
                "'client-certificate: rsa.crt, client-key: rsa.key' | CN=rsa GET | Accept: application/json",
                "'client-certificate: rsa.crt, client-key: rsa1.key' | CN=rsa GET | Accept",
                "'client-certificate: ec.crt, client-key: ec.key' | CN=ec GET | Accept",
                "'client-certificate: ec.crt, client-key: ec1.key' | CN=ec GET | Accept",
            })
    void showsWhoAsks(String user, String start, String header) throws Exception {
        Files.writeString(folder.resolve("token"), "from-file\n");

        assertThat(ask("certificate-authority: server.crt", user))
                .containsExactly("default", "dev");
        assertThat(heads).singleElement().asString().startsWith(start).contains(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"exec: {command: x}", "auth-provider: {name: x}", "as: other, token: t"})
    void isNotAskedWithCredentialsThatItDoesNotUse(String user) throws Exception {
        assertThat(ask("certificate-authority: server.crt", user)).containsExactly("not asked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"insecure-skip-tls-verify: true", "proxy-url: x", "tls-server-name: x"})
    void isNotAskedOfServersThatItWouldJudgeOtherwise(String cluster) throws Exception {
        assertThat(ask(cluster, "token: t")).containsExactly("not asked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"certificate-authority: other.crt", "x: y"})
    void givesNoTokenToAServerThatNobodyVouchesFor(String cluster) {
        assertThatThrownBy(() -> ask(cluster, "token: secret"))
                .hasRootCauseInstanceOf(java.security.GeneralSecurityException.class);
        assertThat(heads).isEmpty();
    }

    @Test
    void followsNobodyElsewhere() throws Exception {
        assertThat(ask("certificate-authority: server.crt", "token: moved")).isEmpty();
        assertThat(heads).hasSize(1);
    }
}
