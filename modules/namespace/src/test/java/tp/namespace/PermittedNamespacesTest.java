package tp.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;
import tp.testkit.NamespaceProviderContract;

class PermittedNamespacesTest extends NamespaceProviderContract {

    @Override
    public NamespaceProvider provider() {
        return new PermittedNamespaces();
    }

    @Override
    protected NamespaceRequest fitting() {
        return new NamespaceRequest(List.of());
    }

    @Test
    void itIsForThoseWhoAskForNothing() {
        assertThat(provider().map(fitting())).isEqualTo(new NamespaceMapping.All());
        for (String word : List.of("all", "default", "a=b")) {
            var request = new NamespaceRequest(List.of(word));
            assertThat(provider().assess(request)).isInstanceOf(Assessment.Unusable.class);
            assertThatThrownBy(() -> provider().map(request)).isInstanceOf(TpException.class);
        }
    }
}
