package tp.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tp.control.ConnectSettings;
import tp.control.Reply;
import tp.control.RuntimeDirectory;
import tp.spi.common.TpException;

class DoctorTest {

    @TempDir private Path folder;

    @Test
    void anEndpointThatIsNoneIsSaidBeforeAnythingIsTried() {
        Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", folder.toString());
        Doctor doctor = new Doctor(RuntimeDirectory.of(environment), environment);
        ConnectSettings settings =
                new ConnectSettings(
                        Optional.of(folder.resolve("none").toString()),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        ConnectSettings.Account.USUAL,
                        Optional.empty(),
                        List.of("nonsense"),
                        Optional.empty(),
                        false,
                        ConnectSettings.Outside.NONE);
        List<Reply.Progress> steps = new ArrayList<>();

        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> doctor.examine(settings, true, steps::add))
                .satisfies(e -> assertThat(e.category()).isEqualTo(TpException.Category.USAGE))
                .withMessageContaining("--endpoint nonsense");
        assertThat(steps).isEmpty();
    }
}
