package tp.sandbox.api;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tp.sandbox.store.ObjectStore;

/**
 * What an API server needs.
 *
 * @param addresses where it listens; port 0 for any
 * @param names what clients call it, for its certificate: DNS names and addresses
 * @param told the time with which answers are dated, which may be a wrong one
 * @param tokens what is wrong with tokens at the moment
 * @param audit is told of each request, on the thread that serves it
 */
public record ApiSettings(
        List<InetSocketAddress> addresses,
        List<String> names,
        ObjectStore store,
        PodAccess pods,
        InstantSource told,
        Supplier<TokenFault> tokens,
        Consumer<AuditEntry> audit) {}
