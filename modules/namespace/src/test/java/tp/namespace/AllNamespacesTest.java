package tp.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;
import tp.testkit.NamespaceProviderContract;

class AllNamespacesTest extends NamespaceProviderContract {

    @Override
    public NamespaceProvider provider() {
        return new AllNamespaces();
    }

    @Override
    protected NamespaceRequest fitting() {
        return new NamespaceRequest(List.of("all"));
    }

    @Test
    void theWordAllAsksForIt() {
        assertThat(provider().assess(new NamespaceRequest(List.of("all", "all"))))
                .isInstanceOf(Assessment.Usable.class);
    }

    @Test
    void namesAndNothingDoNot() {
        for (var request :
                List.of(
                        new NamespaceRequest(List.of("default")),
                        new NamespaceRequest(List.of()))) {
            assertThat(provider().assess(request)).isInstanceOf(Assessment.Unusable.class);
            assertThatThrownBy(() -> provider().map(request)).isInstanceOf(TpException.class);
        }
    }
}
