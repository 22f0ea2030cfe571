package tp.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tp.spi.common.Assessment;
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
        return new NamespaceRequest(List.of());
    }

    @Test
    void theWordAllAsksForIt() {
        assertThat(provider().assess(new NamespaceRequest(List.of("all", "all"))))
                .isInstanceOf(Assessment.Usable.class);
    }

    @Test
    void namesDoNot() {
        assertThat(provider().assess(new NamespaceRequest(List.of("default"))))
                .isInstanceOf(Assessment.Unusable.class);
    }
}
