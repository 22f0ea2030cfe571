package tp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.Test;
import tp.spi.common.Assessment;
import tp.spi.common.Provider;

/** What holds for the providers of every extension point. */
public interface ProviderContract<P extends Provider> {

    /** {@return a new provider, made by its constructor without parameters} */
    P provider();

    /** {@return the extension point} */
    Class<P> service();

    @Test
    default void theIdIsAShortWordAndStaysTheSame() {
        String id = provider().id();

        assertThat(id).matches("[a-z0-9]([a-z0-9.-]{0,30}[a-z0-9])?");
        assertThat(provider().id()).isEqualTo(id);
    }

    @Test
    default void theServiceLoaderCanMakeIt() throws NoSuchMethodException {
        Constructor<?> constructor = provider().getClass().getDeclaredConstructor();

        assertThat(Modifier.isPublic(provider().getClass().getModifiers())).isTrue();
        assertThat(Modifier.isPublic(constructor.getModifiers())).isTrue();
    }

    /** A provider that is not declared is never found. */
    @Test
    default void itsModuleProvidesIt() {
        Module module = provider().getClass().getModule();

        assertThat(module.isNamed()).as("a provider lives in a module").isTrue();
        assertThat(module.getDescriptor().provides())
                .filteredOn(provides -> provides.service().equals(service().getName()))
                .flatExtracting(ModuleDescriptor.Provides::providers)
                .contains(provider().getClass().getName());
    }

    static void assertTellsPeopleWhy(Assessment assessment) {
        assertThat(assessment.reason()).isNotBlank().hasLineCount(1).hasSizeLessThan(200);
    }
}
