package tp.namespace;

import java.util.TreeMap;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/** The namespaces named by {@code --mapped-namespaces}, each under its own name. */
public final class ListedNamespaces implements NamespaceProvider {

    @Override
    public String id() {
        return "listed";
    }

    @Override
    public Assessment assess(NamespaceRequest request) {
        if (!Names.areNamed(request.mapped())) {
            return new Assessment.Unusable("--mapped-namespaces names no namespace");
        }
        return Names.hasAlias(request.mapped())
                ? new Assessment.Unusable("--mapped-namespaces gives another name to one")
                : new Assessment.Usable(90, "namespaces are named by --mapped-namespaces");
    }

    @Override
    public NamespaceMapping map(NamespaceRequest request) {
        if (!Names.areNamed(request.mapped())) {
            throw TpException.usage(
                    "no namespace is named", "give --mapped-namespaces a list such as default,dev");
        }
        var names = new TreeMap<String, String>();
        for (String word : request.mapped()) {
            String name = Names.label(Names.notAll(word));
            names.put(name, name);
        }
        return new NamespaceMapping.Listed(names);
    }
}
