package tp.manager;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one kind of object, and the namespaces that they belong to. Not for several
 * threads: the {@link AddressBook} guards it.
 */
final class AddressIndex {

    /** An object's addresses. */
    record Entry(String key, String namespace, List<InetAddress> addresses) {
        Entry {
            addresses = List.copyOf(addresses);
        }
    }

    private final int maxAddresses;
    private final Map<String, Entry> entries = new HashMap<>();

    /** Keys of entries; nearly always one. */
    private final Map<InetAddress, Set<String>> owners = new HashMap<>();

    AddressIndex(int maxAddresses) {
        this.maxAddresses = maxAddresses;
    }

    /** Puts an entry in the place of an older one; without addresses it is no entry. */
    void put(Entry entry) {
        remove(entry.key);
        if (entry.addresses.isEmpty() || owners.size() + entry.addresses.size() > maxAddresses) {
            return; // full: each address is looked up when it is asked for
        }
        entries.put(entry.key, entry);
        for (InetAddress address : entry.addresses) {
            owners.merge(address, Set.of(entry.key), AddressIndex::union);
        }
    }

    private void remove(String key) {
        Entry old = entries.remove(key);
        if (old == null) {
            return;
        }
        for (InetAddress address : old.addresses) {
            owners.computeIfPresent(address, (same, keys) -> without(keys, key));
        }
    }

    /**
     * @param namespace of whose objects; empty: of all
     */
    void clear(String namespace) {
        if (namespace.isEmpty()) {
            entries.clear();
            owners.clear();
        } else {
            List.copyOf(entries.keySet()).stream()
                    .filter(key -> key.startsWith(namespace + "/"))
                    .forEach(this::remove);
        }
    }

    /** {@return the namespaces of all objects that have the address, empty for nobody's} */
    Set<String> namespaces(InetAddress address) {
        Set<String> keys = owners.getOrDefault(address, Set.of());
        if (keys.isEmpty()) {
            return Set.of();
        }
        Set<String> namespaces = new HashSet<>();
        for (String key : keys) {
            Entry entry = entries.get(key);
            if (entry != null) {
                namespaces.add(entry.namespace);
            }
        }
        return Set.copyOf(namespaces);
    }

    boolean has(InetAddress address) {
        return owners.containsKey(address);
    }

    List<InetAddress> addressesOf(String key) {
        Entry entry = entries.get(key);
        return entry == null ? List.of() : entry.addresses;
    }

    Set<InetAddress> addresses() {
        return Set.copyOf(owners.keySet());
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new HashSet<>(one);
        both.addAll(other);
        return Set.copyOf(both);
    }

    private static @Nullable Set<String> without(Set<String> keys, String key) {
        Set<String> rest = new HashSet<>(keys);
        rest.remove(key);
        return rest.isEmpty() ? null : Set.copyOf(rest);
    }
}
