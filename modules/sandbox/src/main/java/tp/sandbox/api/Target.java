package tp.sandbox.api;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The object or collection that a path names.
 *
 * @param name empty for a collection
 * @param namespace empty for all namespaces and for what has none; a Namespace's own name
 * @param subresource empty for the object itself
 */
record Target(
        String group,
        String version,
        String resource,
        String namespace,
        String name,
        String subresource) {

    private static final Set<String> OF_NAMESPACES = Set.of("status", "finalize");

    static Optional<Target> parse(String path) {
        List<String> parts =
                Stream.of(path.split("/", -1))
                        .filter(part -> !part.isEmpty())
                        .map(QueryStringDecoder::decodeComponent)
                        .toList();
        if (parts.size() >= 3 && parts.getFirst().equals("api")) {
            return Optional.of(parse("", parts.get(1), parts.subList(2, parts.size())));
        }
        if (parts.size() >= 4 && parts.getFirst().equals("apis")) {
            return Optional.of(parse(parts.get(1), parts.get(2), parts.subList(3, parts.size())));
        }
        return Optional.empty();
    }

    private static Target parse(String group, String version, List<String> path) {
        boolean isNamespace = path.getFirst().equals("namespaces");
        boolean isInside =
                isNamespace
                        && path.size() >= 3
                        && !(path.size() == 3 && OF_NAMESPACES.contains(path.get(2)));
        List<String> rest = isInside ? path.subList(2, path.size()) : path;
        String name = rest.size() > 1 ? rest.get(1) : "";
        String namespace = isInside ? path.get(1) : isNamespace ? name : "";
        String subresource = rest.size() > 2 ? String.join("/", rest.subList(2, rest.size())) : "";
        // What follows "proxy" is another server's.
        boolean isProxy = rest.size() > 3 && rest.get(2).equals("proxy");
        return new Target(
                group, version, rest.getFirst(), namespace, name, isProxy ? "proxy" : subresource);
    }

    boolean isCollection() {
        return name.isEmpty();
    }
}
