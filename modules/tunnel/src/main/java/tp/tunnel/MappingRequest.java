package tp.tunnel;

import java.util.List;

/**
 * Which namespaces a client asks for.
 *
 * @param all whether it asks for every namespace that it may reach; then {@code names} is empty
 * @param names the names in the cluster, at most {@value #MAX_NAMES}
 */
public record MappingRequest(boolean all, List<String> names) {

    public static final int MAX_NAMES = 1024;

    public MappingRequest {
        names = List.copyOf(names);
        if (names.size() > MAX_NAMES) {
            throw new IllegalArgumentException(
                    names.size() + " namespaces are more than " + MAX_NAMES);
        }
    }

    public static MappingRequest everything() {
        return new MappingRequest(true, List.of());
    }

    public static MappingRequest of(List<String> names) {
        return new MappingRequest(false, names);
    }
}
