package tp.spi.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RaceTest {

    private static Endpoint at(String host) {
        return new Endpoint(URI.create("quic://" + host + ":1"), Endpoint.Source.NODE_PORT);
    }

    private static String host(Endpoint endpoint) {
        return endpoint.address().getHost();
    }

    @Test
    void theFirstThatAnswersIsTakenAndALaterOneIsClosed() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        BlockingQueue<String> late = new LinkedBlockingQueue<>();
        String first =
                Race.first(
                        List.of(at("silent"), at("quick")),
                        endpoint -> {
                            if (host(endpoint).equals("silent")) {
                                awaitUninterruptibly(taken);
                            }
                            return host(endpoint);
                        },
                        late::add);
        taken.countDown();

        assertThat(first).isEqualTo("quick");
        assertThat(late.poll(10, TimeUnit.SECONDS)).isEqualTo("silent");
    }

    @Test
    void aFailureStartsTheNextAtOnceAndAllReasonsAreTold() {
        assertThatThrownBy(
                        () ->
                                Race.first(
                                        List.of(at("a"), at("b"), at("c")),
                                        endpoint -> {
                                            if (host(endpoint).equals("c")) {
                                                throw new IllegalStateException("a bug");
                                            }
                                            throw new IOException("no " + host(endpoint));
                                        },
                                        made -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("no a; no b; java.lang.IllegalStateException: a bug");
    }

    @Test
    void anEndpointSurvivesItsLine() {
        assertThat(Endpoint.parse(at("192.0.2.7").line())).contains(at("192.0.2.7"));
        for (String line :
                List.of("", "quic://x", "node-port", "node-port x", "other quic://x:1", "a b c")) {
            assertThat(Endpoint.parse(line)).as(line).isEqualTo(Optional.empty());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
