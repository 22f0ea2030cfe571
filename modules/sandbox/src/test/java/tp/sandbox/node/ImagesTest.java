package tp.sandbox.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {

    private static final Path JAVA = Path.of("/opt/java");

    private final Images images = new Images(JavaRuntime.current(), JAVA);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tp.sandbox/tcp-echo",
                "tp.sandbox/tcp-echo:1.2",
                "tp.dev/manager:0.1.0",
                "tp.dev/manager@sha256:0123",
                "eclipse-temurin:25-jre",
                "docker.io/library/eclipse-temurin:25-jre",
            })
    void knowsItsPrograms(String reference) {
        assertThat(images.find(reference)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nginx", "example.com:5000/tcp-echo", "", ":", "@", "tp.sandbox"})
    void knowsNoOther(String reference) {
        assertThat(images.find(reference)).isEmpty();
    }

    /** The table of kubernetes.io, "Define a Command and Arguments for a Container". */
    @ParameterizedTest
    @CsvSource({
        "'', '', ep cmd",
        "'', args, ep args",
        "command, '', command",
        "command, args, command args",
    })
    void aPodsOwnCommandReplacesTheImages(String command, String args, String expected) {
        Images.Image image = new Images.Image(List.of("ep"), List.of("cmd"), JAVA);

        assertThat(String.join(" ", image.command(words(command), words(args))))
                .isEqualTo(expected);
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text);
    }
}
