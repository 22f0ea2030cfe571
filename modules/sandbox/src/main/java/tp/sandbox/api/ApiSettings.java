package tp.sandbox.api;

import java.net.InetSocketAddress;
import java.util.List;
import tp.sandbox.store.ObjectStore;

/**
 * What an API server needs.
 *
 * @param addresses where it listens; port 0 for any
 * @param names what clients call it, for its certificate: DNS names and addresses
 */
public record ApiSettings(
        List<InetSocketAddress> addresses, List<String> names, ObjectStore store, PodAccess pods) {}
