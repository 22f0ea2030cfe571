package tp.namespace;

import tp.spi.common.Assessment;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/** Every namespace, under its own name: what happens without {@code --mapped-namespaces}. */
public final class AllNamespaces implements NamespaceProvider {

    /** The word that stands for every namespace. */
    static final String WORD = "all";

    @Override
    public String id() {
        return "all";
    }

    @Override
    public Assessment assess(NamespaceRequest request) {
        return wanted(request)
                ? new Assessment.Usable(50, "every namespace that the manager grants")
                : new Assessment.Unusable("namespaces are named by --mapped-namespaces");
    }

    @Override
    public NamespaceMapping map(NamespaceRequest request) {
        return new NamespaceMapping.All();
    }

    static boolean wanted(NamespaceRequest request) {
        return request.mapped().stream().allMatch(WORD::equals);
    }
}
