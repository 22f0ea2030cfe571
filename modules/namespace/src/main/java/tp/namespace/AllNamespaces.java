package tp.namespace;

import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/**
 * Every namespace, under its own name: {@code --mapped-namespaces all}. It says in words what
 * {@link PermittedNamespaces} does where nothing is said, and so takes back a narrower mapping of a
 * session that goes on.
 */
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
                ? new Assessment.Usable(80, "every namespace that the manager grants")
                : new Assessment.Unusable("--mapped-namespaces is not 'all'");
    }

    @Override
    public NamespaceMapping map(NamespaceRequest request) {
        if (!wanted(request)) {
            throw TpException.usage(
                    "--mapped-namespaces is not 'all'", "give --mapped-namespaces all");
        }
        return new NamespaceMapping.All();
    }

    private static boolean wanted(NamespaceRequest request) {
        return !request.mapped().isEmpty() && request.mapped().stream().allMatch(WORD::equals);
    }
}
