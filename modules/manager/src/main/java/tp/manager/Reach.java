package tp.manager;

import java.io.IOException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tp.tunnel.DialOutcome;

/**
 * The rule of the data path: an address is reached only if it is of a granted namespace. Asked for
 * each flow, on virtual threads.
 */
final class Reach {

    /** One fresh look at the API: the namespaces of whoever has the address now. */
    interface LookUp {
        Set<String> namespaces(InetAddress address) throws IOException;
    }

    private static final int MAX_NOBODY = 4096;
    private static final long NOBODY_NS = 5_000_000_000L;
    private static final int MAX_LOOKUPS = 8;

    private final AddressBook book;
    private final Supplier<ClusterFacts> facts;
    private final LookUp lookUp;
    private final LongSupplier nanoClock;
    private final Semaphore lookUps = new Semaphore(MAX_LOOKUPS);

    /** When nobody was found for an address: one look is enough for a while. */
    private final Map<InetAddress, Long> nobody =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetAddress, Long> eldest) {
                    return size() > MAX_NOBODY;
                }
            };

    Reach(AddressBook book, Supplier<ClusterFacts> facts, LookUp lookUp, LongSupplier nanoClock) {
        this.book = book;
        this.facts = facts;
        this.lookUp = lookUp;
        this.nanoClock = nanoClock;
    }

    /**
     * {@return ESTABLISHED where a dial is allowed, else how it is to end}
     *
     * @param outside whether an address outside the cluster is permitted
     */
    DialOutcome decide(InetAddress address, Set<String> granted, Predicate<InetAddress> outside) {
        return switch (book.owner(address)) {
            case AddressBook.Owner.Denied ignored -> DialOutcome.PROHIBITED;
            case AddressBook.Owner.Namespaces owner -> verdict(owner.names(), granted);
            case AddressBook.Owner.Endpoint owner ->
                    facts.get().inRanges(address)
                            ? verdict(owner.names(), granted)
                            : verdict(address, outside);
            // A flow that was open when its pod went ends as the network ends it.
            case AddressBook.Owner.Departed last -> {
                Set<String> now = fresh(address);
                yield verdict(now.isEmpty() ? last.names() : now, granted);
            }
            case AddressBook.Owner.Unknown ignored -> {
                if (verdict(address, outside) == DialOutcome.ESTABLISHED) {
                    yield DialOutcome.ESTABLISHED;
                }
                Set<String> now = fresh(address);
                if (!now.isEmpty()) {
                    yield verdict(now, granted);
                }
                // As from a pod: in the cluster's ranges nobody answers, elsewhere it is not ours.
                yield facts.get().inRanges(address)
                        ? DialOutcome.HOST_UNREACHABLE
                        : DialOutcome.PROHIBITED;
            }
        };
    }

    private DialOutcome verdict(InetAddress address, Predicate<InetAddress> outside) {
        return isOutside(address) && outside.test(address)
                ? DialOutcome.ESTABLISHED
                : DialOutcome.PROHIBITED;
    }

    /** {@return whether the address is neither of the cluster nor of its API server} */
    boolean isOutside(InetAddress address) {
        InetAddress inside = AddressBook.translated(address);
        return !facts.get().inRanges(address)
                && !book.isApiServer(address)
                && (inside.equals(address)
                        || (!(book.owner(inside) instanceof AddressBook.Owner.Denied)
                                && isOutside(inside)));
    }

    /** {@return whether the address is known to be of a granted namespace} Never asks the API. */
    boolean isGranted(InetAddress address, Set<String> granted) {
        return book.owner(address) instanceof AddressBook.Owner.Namespaces owner
                && granted.containsAll(owner.names());
    }

    private static DialOutcome verdict(Set<String> names, Set<String> granted) {
        return granted.containsAll(names) ? DialOutcome.ESTABLISHED : DialOutcome.PROHIBITED;
    }

    private Set<String> fresh(InetAddress address) {
        if (nobodyHasIt(address) || !lookUps.tryAcquire()) {
            return Set.of();
        }
        try {
            Set<String> found = new HashSet<>(lookUp.namespaces(address));
            if (found.isEmpty()) {
                synchronized (nobody) {
                    nobody.put(address, nanoClock.getAsLong());
                }
            }
            return found;
        } catch (IOException e) {
            return Set.of();
        } finally {
            lookUps.release();
        }
    }

    private boolean nobodyHasIt(InetAddress address) {
        synchronized (nobody) {
            Long since = nobody.get(address);
            if (since != null && nanoClock.getAsLong() - since >= NOBODY_NS) {
                nobody.remove(address);
                return false;
            }
            return since != null;
        }
    }
}
