package tp.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tp.spi.common.TpException;

/** A mapping that is changed while the session goes on. */
class RemapTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    static {
        Leaks.watch();
    }

    private Tunnels tunnels;
    private ClientSession session;

    @BeforeEach
    void open() throws Exception {
        tunnels = new Tunnels();
        session = tunnels.open();
    }

    @AfterEach
    void close() {
        tunnels.close();
    }

    @Test
    void whatIsGrantedIsKnownWhenTheAnswerComes() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            Welcome now = session.remap(MappingRequest.of(List.of(name)), SOON);

            assertThat(now.namespaces()).containsExactly(name);
            assertThat(session.welcome()).isEqualTo(now);
        }
    }

    @Test
    void aRefusalChangesNothing() {
        assertThatThrownBy(() -> session.remap(MappingRequest.of(List.of("forbidden")), SOON))
                .isInstanceOf(TpException.class)
                .hasMessageContaining("may not connect to forbidden");
        assertThat(session.welcome()).isEqualTo(Tunnels.WELCOME);
    }

    @Test
    void whoeverWaitsIsToldOfTheEndOfTheSession() throws Exception {
        assertThatThrownBy(
                        () ->
                                session.remap(
                                        MappingRequest.of(List.of("silence")),
                                        Duration.ofMillis(50)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("50 ms");

        tunnels.cut();
        assertThatThrownBy(() -> session.remap(MappingRequest.of(List.of("silence")), SOON))
                .isInstanceOf(IOException.class);
    }
}
