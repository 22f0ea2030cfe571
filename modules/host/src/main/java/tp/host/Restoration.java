package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tp.host.FieldReader.MalformedException;
import tp.os.InterfaceAddress;
import tp.os.NetworkConfiguration;
import tp.os.TcpSockets;
import tp.spi.common.IoReason;

/** Takes back what journals say. Helper, keeper and the next helper do the same here. */
final class Restoration {

    /** The device dies with the daemon; the kernel needs some of this to take it down. */
    private static final long DEVICE_GONE_NS = TimeUnit.MILLISECONDS.toNanos(1200);

    private final StateDirectory state;
    private final Path resolver;

    Restoration(StateDirectory state, Path resolver) {
        this.state = state;
        this.resolver = resolver;
    }

    /**
     * Takes a whole session back: its TCP sockets end with an error, the resolver is as before, the
     * journal is gone. Does nothing if somebody else was faster.
     *
     * @return notes for people
     */
    List<String> end(String sessionId) throws IOException {
        List<String> notes = new ArrayList<>();
        Optional<Journal> journal = readOrDiscard(sessionId, notes);
        if (journal.isEmpty()) {
            return notes;
        }
        Set<InetAddress> addresses = addresses(journal.get());
        destroySockets(addresses, notes);
        notes.addAll(resolver(sessionId));
        // What connected while the device was still there has nobody at the other end either.
        awaitDeviceGone(Names.device(sessionId));
        destroySockets(addresses, notes);
        state.delete(sessionId);
        return notes;
    }

    /** Takes the resolver's changes back; the session goes on. */
    List<String> resolver(String sessionId) throws IOException {
        return state.locked(
                () -> {
                    List<String> notes = new ArrayList<>();
                    Optional<Journal> journal = readOrDiscard(sessionId, notes);
                    if (journal.isPresent()) {
                        effects(sessionId, journal.get(), notes);
                        if (journal.get().resolver().isPresent()) {
                            file(sessionId, journal.get().resolver().get(), notes);
                        }
                        state.write(sessionId, journal.get().withoutChanges());
                    }
                    return notes;
                });
    }

    private void file(String sessionId, ResolverOriginal original, List<String> notes)
            throws IOException {
        ResolverFile file = new ResolverFile(resolver, sessionId);
        ResolverSuccession later = new ResolverSuccession(state, resolver);
        if (file.isOurs(resolver) || !later.handOver(sessionId, original)) {
            file.restore(original).ifPresent(notes::add);
        }
    }

    /** One that fails does not keep the rest. */
    private static void effects(String sessionId, Journal journal, List<String> notes) {
        for (Journal.Effect effect : journal.effects()) {
            try {
                switch (effect) {
                    case LINK_NAMES -> LinkNames.revert(Names.device(sessionId));
                    case PORT_53_RULES -> Port53Rules.delete(sessionId);
                }
            } catch (IOException e) {
                notes.add("a change of the resolver may be left: " + IoReason.of(e));
            }
        }
    }

    /** Ends the sessions whose processes were all killed. */
    List<String> endStale() throws IOException {
        List<String> notes = new ArrayList<>();
        for (String sessionId : state.sessions()) {
            try {
                Optional<Journal> journal = readOrDiscard(sessionId, notes);
                if (journal.isPresent() && journal.get().isStale()) {
                    notes.add("session " + sessionId + " was killed; its changes are taken back");
                    notes.addAll(end(sessionId));
                }
            } catch (IOException e) {
                notes.add("session " + sessionId + " could not be taken back: " + e.getMessage());
            }
        }
        return notes;
    }

    /** Puts back what sessions left behind whose journals a loss of power took. */
    List<String> forgotten() throws IOException {
        return state.locked(new ResolverSuccession(state, resolver)::putBackForgotten);
    }

    private Optional<Journal> readOrDiscard(String sessionId, List<String> notes)
            throws IOException {
        try {
            return state.read(sessionId);
        } catch (MalformedException e) {
            notes.add("the journal of session " + sessionId + " is unreadable: " + e.getMessage());
            state.delete(sessionId);
            return Optional.empty();
        }
    }

    private static Set<InetAddress> addresses(Journal journal) {
        return journal.addresses().stream()
                .map(InterfaceAddress::address)
                .collect(Collectors.toSet());
    }

    /** Who waits on them would wait for nobody: their processes get an error. */
    static void destroySockets(Set<InetAddress> addresses, List<String> notes) {
        try {
            TcpSockets.destroyWithLocalAddress(addresses);
        } catch (IOException e) {
            notes.add("connections through the tunnel may hang: " + e.getMessage());
        }
    }

    static void awaitDeviceGone(String device) {
        long end = System.nanoTime() + DEVICE_GONE_NS;
        try (NetworkConfiguration network = NetworkConfiguration.open()) {
            while (network.link(device).isPresent() && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (IOException e) {
            // Then the second look at the sockets comes at once.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
