package tp.sandbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.TpException;

/** How a fault is asked for. */
class FaultsTest {

    @TempDir private Path root;

    @BeforeEach
    void makeFolders() throws IOException {
        Files.createDirectories(inside(Places.ORDERS));
    }

    private Path inside(Path path) {
        return root.resolve(path.toString().substring(1));
    }

    @ParameterizedTest
    @CsvSource({"dns=silent, dns-fault", "clock=-300, clock-fault", "tokens=refuse, tokens-fault"})
    void whatIsLookedUpStaysUntilItIsSwitchedOff(String fault, String file) throws Exception {
        Path written = inside(Places.ROOT.resolve(file));
        Faults.set(root, fault);
        assertThat(written).hasContent(fault.replaceFirst(".*=", ""));

        Faults.set(root, fault.replaceFirst("=.*", "=off"));
        assertThat(written).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"api=restart,20", "api=freeze", "api=off", "manager=kill"})
    void anOrderIsWaitedFor(String order) throws Exception {
        Path file = inside(Orders.file(order.replaceFirst("=.*", "")));
        CountDownLatch returned = new CountDownLatch(1);
        Thread asking =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        Faults.set(root, order);
                                        returned.countDown();
                                    } catch (IOException | InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                });
        while (!Files.exists(file)) {
            assertThat(asking.isAlive()).isTrue();
        }
        assertThat(returned.await(50, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(file).hasContent(order.replaceFirst(".*=", ""));
        Files.delete(file);
        assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dns=none",
                "dns=loud",
                "clock=soon",
                "api=restart",
                "api=restart,-1",
                "tokens=none",
                "manager=off",
                "moon=full",
                "",
            })
    void anotherIsWrongUsage(String fault) {
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> Faults.set(root, fault))
                .matches(e -> e.category() == TpException.Category.USAGE)
                .extracting(TpException::nextStep)
                .asString()
                .contains("api=restart,SECONDS");
    }

    @Test
    void everyWordIsInTheHelp() {
        assertThatExceptionOfType(TpException.class)
                .isThrownBy(() -> Faults.set(root, "x"))
                .extracting(TpException::nextStep)
                .asString()
                .contains("dns=", "clock=", "tokens=", "api=", "manager=");
    }
}
