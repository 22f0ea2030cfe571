package tp.connector;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import tp.spi.common.DnsLabel;
import tp.spi.common.TpException;
import tp.spi.namespace.NamespaceMapping;
import tp.tunnel.MappingRequest;

/**
 * What of the cluster exists on this machine.
 *
 * @param namespace where names without a dot are looked for, by its name here; empty: nowhere
 */
public record Scope(Optional<String> namespace, NamespaceMapping mapping) {

    /**
     * @throws TpException where names without a dot would lead nowhere, or there are too many
     */
    public Scope {
        namespace.ifPresent(Scope::requireLabel);
        if (mapping instanceof NamespaceMapping.Listed listed
                && listed.clusterNames().size() > MappingRequest.MAX_NAMES) {
            throw TpException.usage(
                    "--mapped-namespaces names more than " + MappingRequest.MAX_NAMES,
                    "give fewer, or `all`");
        }
        if (namespace.isPresent() && !maps(mapping, namespace.get())) {
            throw TpException.usage(
                    "namespace " + namespace.get() + " is not mapped",
                    "add it to --mapped-namespaces");
        }
    }

    /** {@return whether that name may lead to a namespace} It does where that is granted. */
    public boolean maps(String name) {
        return maps(mapping, name);
    }

    private static boolean maps(NamespaceMapping mapping, String name) {
        return switch (mapping) {
            case NamespaceMapping.All all -> true;
            case NamespaceMapping.Listed listed -> listed.clusterNames().containsKey(name);
        };
    }

    /** {@return the mapping in the words of the tunnel} */
    MappingRequest request() {
        return switch (mapping) {
            case NamespaceMapping.All all -> MappingRequest.everything();
            case NamespaceMapping.Listed listed ->
                    MappingRequest.of(listed.clusterNames().values().stream().distinct().toList());
        };
    }

    /** {@return the namespaces that the user named, by their names in the cluster} */
    Collection<String> named() {
        return switch (mapping) {
            case NamespaceMapping.All all -> namespace.stream().toList();
            case NamespaceMapping.Listed listed -> List.copyOf(listed.clusterNames().values());
        };
    }

    /**
     * RFC 1123 §2.1 and RFC 1035 §2.3.4: what Kubernetes takes as the name of a namespace.
     *
     * @throws TpException where it is none
     */
    public static void requireLabel(String name) {
        if (!DnsLabel.matches(name)) {
            throw TpException.usage(
                    "\"" + name.replaceAll("\\p{C}", "?") + "\" cannot be the name of a namespace",
                    "give lower-case letters, digits and hyphens");
        }
    }
}
