package tp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/** What a {@link NamespaceProvider} must keep. Subclass it in the tests of a plug-in. */
public abstract class NamespaceProviderContract implements ProviderContract<NamespaceProvider> {

    private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

    protected NamespaceProviderContract() {}

    @Override
    public Class<NamespaceProvider> service() {
        return NamespaceProvider.class;
    }

    /** {@return a request for which this provider was made} */
    protected abstract NamespaceRequest fitting();

    @Test
    void saysThatItFitsAndWhy() {
        Assessment assessment = provider().assess(fitting());

        assertThat(assessment).isNotInstanceOf(Assessment.Unusable.class);
        ProviderContract.assertTellsPeopleWhy(assessment);
    }

    @Test
    void theSameRequestGivesTheSameMapping() {
        assertThat(provider().map(fitting())).isEqualTo(provider().map(fitting()));
    }

    @Test
    void mapsToNamesThatCanBeNamespaces() {
        switch (provider().map(fitting())) {
            case NamespaceMapping.All all -> assertThat(all).isNotNull();
            case NamespaceMapping.Listed listed -> {
                var names = listed.clusterNames();
                assertThat(names).isNotEmpty();
                assertThat(names.keySet()).allSatisfy(name -> assertThat(name).matches(LABEL));
                assertThat(names.values()).allSatisfy(name -> assertThat(name).matches(LABEL));
            }
        }
    }

    /** Either the provider says beforehand that it is not for this, or it names the bad value. */
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "Default", "-a", "a-", "a.b", "a_b", "ä", "*", "a/b"})
    void whatCannotBeANamespaceIsRefusedByName(String bad) {
        assertRefused(bad);
    }

    @Test
    void aNameOf64OctetsIsRefused() {
        assertRefused("x".repeat(64));
    }

    private void assertRefused(String bad) {
        List<String> names = new ArrayList<>(fitting().mapped());
        names.add(bad);
        var request = new NamespaceRequest(names);
        Assessment assessment = provider().assess(request);
        ProviderContract.assertTellsPeopleWhy(assessment);
        if (assessment instanceof Assessment.Unusable) {
            return;
        }
        assertThatThrownBy(() -> provider().map(request))
                .isInstanceOfSatisfying(
                        TpException.class,
                        e -> {
                            assertThat(e.category()).isEqualTo(TpException.Category.USAGE);
                            assertThat(e.line()).contains(bad).hasLineCount(1);
                            assertThat(e.nextStep()).isNotBlank();
                        });
    }
}
