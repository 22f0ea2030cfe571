package tp.connector;

import tp.spi.common.Provider;

/**
 * A provider and where it comes from.
 *
 * @param module the name of its module
 * @param version of that module, empty where it has none
 */
public record Found<P extends Provider>(P provider, String module, String version) {

    static <P extends Provider> Found<P> of(P provider) {
        Module module = provider.getClass().getModule();
        String version = module.isNamed() ? module.getDescriptor().rawVersion().orElse("") : "";
        return new Found<>(provider, module.isNamed() ? module.getName() : "unnamed", version);
    }

    /** {@return whether it came with tp and not from a plug-in folder} */
    boolean builtIn() {
        ModuleLayer own = Found.class.getModule().getLayer();
        return own != null && own.equals(provider.getClass().getModule().getLayer());
    }

    String id() {
        return provider.id();
    }
}
