package tp.namespace;

import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/**
 * What RBAC allows, which is what happens where nothing is asked for. The right that counts is that
 * of the service account whose token the session shows, and the manager finds it out: it alone can
 * ask about every namespace, also for somebody who may not list them.
 */
public final class PermittedNamespaces implements NamespaceProvider {

    @Override
    public String id() {
        return "permitted";
    }

    @Override
    public Assessment assess(NamespaceRequest request) {
        return request.mapped().isEmpty()
                ? new Assessment.Usable(50, "every namespace that RBAC lets the session connect to")
                : new Assessment.Unusable("--mapped-namespaces says which");
    }

    @Override
    public NamespaceMapping map(NamespaceRequest request) {
        if (!request.mapped().isEmpty()) {
            throw TpException.usage(
                    "--mapped-namespaces names namespaces", "leave it out to map what RBAC allows");
        }
        return new NamespaceMapping.All();
    }
}
