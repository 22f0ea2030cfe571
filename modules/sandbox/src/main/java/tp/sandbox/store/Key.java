package tp.sandbox.store;

import java.util.Comparator;
import tools.jackson.databind.JsonNode;

/** Where an object lies among those of its type. */
record Key(String namespace, String name) implements Comparable<Key> {

    private static final Comparator<Key> ORDER =
            Comparator.comparing(Key::namespace).thenComparing(Key::name);

    static Key of(ResourceType type, String namespace, String name) {
        return new Key(type.namespaced() ? namespace : "", name);
    }

    static Key of(ResourceType type, JsonNode object) {
        return of(type, Meta.namespace(object), Meta.name(object));
    }

    @Override
    public int compareTo(Key other) {
        return ORDER.compare(this, other);
    }
}
