package tp.namespace;

import java.util.TreeMap;
import tp.spi.common.Assessment;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.spi.namespace.NamespaceProvider;
import tp.spi.namespace.NamespaceRequest;

/**
 * Namespaces that have another name here: {@code --mapped-namespaces payments=payments-alice,
 * default}. Two names may lead to one namespace; one name leads to one.
 */
public final class AliasedNamespaces implements NamespaceProvider {

    @Override
    public String id() {
        return "alias";
    }

    @Override
    public Assessment assess(NamespaceRequest request) {
        return Names.hasAlias(request.mapped())
                ? new Assessment.Usable(95, "--mapped-namespaces gives namespaces other names")
                : new Assessment.Unusable("--mapped-namespaces gives no namespace another name");
    }

    @Override
    public NamespaceMapping map(NamespaceRequest request) {
        if (!Names.hasAlias(request.mapped())) {
            throw TpException.usage(
                    "no namespace is given another name",
                    "give --mapped-namespaces HERE=THERE, such as payments=payments-alice");
        }
        var names = new TreeMap<String, String>();
        for (String word : request.mapped()) {
            int sign = word.indexOf('=');
            String here = sign < 0 ? Names.notAll(word) : part(word, word.substring(0, sign));
            String there = sign < 0 ? here : part(word, word.substring(sign + 1));
            String before = names.put(Names.label(here), Names.label(there));
            if (before != null && !before.equals(there)) {
                throw TpException.usage(
                        "--mapped-namespaces: '"
                                + here
                                + "' would be both "
                                + before
                                + " and "
                                + there,
                        "give each name once");
            }
        }
        return new NamespaceMapping.Listed(names);
    }

    private static String part(String word, String name) {
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw TpException.usage(
                    "--mapped-namespaces: '" + Names.shown(word) + "' is not HERE=THERE",
                    "give the name on this machine, '=', and the name in the cluster");
        }
        return name;
    }
}
