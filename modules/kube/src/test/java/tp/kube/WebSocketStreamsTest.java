package tp.kube;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.transport.ClusterAccess;

/** The same for a websocket that the API server passes on to a Service. */
class WebSocketStreamsTest extends ApiStreamsTest {

    @Override
    ByteChannel open(ClusterAccess access) throws IOException {
        return access.webSocket(FakeApiServer.PROXIED, FakeApiServer.PROXIED_PROTOCOL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "403 | the API server refused to open %s (403): get on it is needed",
                "404 | there is no such path: %s (404)",
                "503 | nothing answers at %s (status 503)",
                "301 | the API server did not open %s (status 301)",
                "200 | the API server did not open %s (status 200)",
            })
    void anyOtherAnswerIsOneLine(int status, String line, @TempDir Path folder) throws Exception {
        try (FakeApiServer server = new FakeApiServer()) {
            server.answerWebSockets(status);
            try (KubeCluster cluster = Clusters.open(folder, server.url())) {
                assertThatThrownBy(() -> open(cluster.access()))
                        .isInstanceOf(IOException.class)
                        .hasMessage(line.formatted(FakeApiServer.PROXIED));
            }
        }
    }

    @Test
    void anotherSubprotocolIsRefused(@TempDir Path folder) throws Exception {
        try (FakeApiServer server = new FakeApiServer()) {
            server.listen(stream -> {});
            try (KubeCluster cluster = Clusters.open(folder, server.url())) {
                assertThatThrownBy(
                                () -> cluster.access().webSocket(FakeApiServer.PROXIED, "other.v1"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("no connection to " + FakeApiServer.PROXIED);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "/", "//x", "/a/../b", "/a?b", "/a b", "/a%2fb", "/a\r\nb"})
    void whatIsNoPathIsNotAskedFor(String path, @TempDir Path folder) throws Exception {
        try (FakeApiServer server = new FakeApiServer();
                KubeCluster cluster = Clusters.open(folder, server.url())) {
            assertThatThrownBy(() -> cluster.access().webSocket(path, "tp.v1"))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("no path of the API server");
        }
    }
}
