package tp.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who speaks anything else to the manager's port gets nothing, is counted, and is soon gone. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class ListenerTest {

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    silence | '' | no call within 10 s
                    HTTP/1.1 | GET / HTTP/1.1\\r\\n\\r\\n | speaks neither TLS nor HTTP/2
                    a POST of HTTP/1.1 | POST / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n | does not speak HTTP/2 as RFC 9113
                    no frames | PREFACE and then something | does not speak HTTP/2 as RFC 9113
                    a preface and silence | PREFACE\\0\\0\\0\\4\\0\\0\\0\\0\\0 | no call within 10 s
                    no TLS in the end | \\26 and then something | does not speak TLS
                    """)
    void isRefused(String name, String said, String reason) throws Exception {
        try (Manager manager = new Manager();
                Socket stranger =
                        new Socket(manager.address().getAddress(), manager.address().getPort())) {
            stranger.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
            String text = said.translateEscapes();
            stranger.getOutputStream()
                    .write(text.replace("PREFACE", PREFACE).getBytes(StandardCharsets.ISO_8859_1));
            try (InputStream answer = stranger.getInputStream()) {
                assertThat(answer.readAllBytes()).hasSizeLessThan(200);
            }

            assertThat(manager.refusals()).singleElement().asString().contains(reason);
        }
    }
}
