package tp.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;
import tp.testkit.NamespaceProviderContract;

class ListedNamespacesTest extends NamespaceProviderContract {

    @Override
    public NamespaceProvider provider() {
        return new ListedNamespaces();
    }

    @Override
    protected NamespaceRequest fitting() {
        return new NamespaceRequest(List.of("default", "team-a", "0", "x".repeat(63)));
    }

    @Test
    void duplicatesAreFolded() {
        assertThat(provider().map(new NamespaceRequest(List.of("b", "a", "b"))))
                .isEqualTo(new NamespaceMapping.Listed(new TreeMap<>(Map.of("a", "a", "b", "b"))));
    }

    @Test
    void allBesideNamesIsAMistakeAndNotANamespace() {
        var request = new NamespaceRequest(List.of("default", "all"));

        assertThat(provider().assess(request)).isInstanceOf(Assessment.Usable.class);
        assertThatThrownBy(() -> provider().map(request))
                .isInstanceOf(TpException.class)
                .hasMessageContaining("'all'");
    }

    @Test
    void withoutNamesItDoesNotFit() {
        for (var request :
                List.of(new NamespaceRequest(List.of()), new NamespaceRequest(List.of("all")))) {
            assertThat(provider().assess(request)).isInstanceOf(Assessment.Unusable.class);
            assertThatThrownBy(() -> provider().map(request)).isInstanceOf(TpException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\u001b[2J", "a\u202eb"})
    void controlCharactersDoNotReachTheTerminal(String name) {
        assertThatThrownBy(() -> provider().map(new NamespaceRequest(List.of(name))))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> assertThat(e.line()).doesNotContainPattern("\\p{C}"));
    }

    @Test
    void aVeryLongNameIsCutInTheMessage() {
        assertThatThrownBy(() -> provider().map(new NamespaceRequest(List.of("y".repeat(9000)))))
                .isInstanceOfSatisfying(
                        TpException.class, e -> assertThat(e.line()).hasSizeLessThan(400));
    }
}
