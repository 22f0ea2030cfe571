package tp.connector;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;
import tp.tunnel.MappingRequest;
import tp.tunnel.Welcome;

/**
 * Changes what is mapped while a session goes on. The link in use is asked first: where the manager
 * refuses, nothing has changed. Then all others are told, and whichever does not answer is closed,
 * so that no flow goes on over it that is no longer allowed.
 */
final class Remapping {

    private static final System.Logger LOG = System.getLogger(Remapping.class.getName());

    /** The manager asks the API server about each namespace, and has eight seconds for that. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final LinkOpener links;
    private final Supplier<Optional<OpenLink>> current;
    private final Supplier<List<OpenLink>> all;

    /**
     * @param current the link in use, if there is one
     * @param all every link that is open, also those that are left
     */
    Remapping(
            LinkOpener links, Supplier<Optional<OpenLink>> current, Supplier<List<OpenLink>> all) {
        this.links = links;
        this.current = current;
        this.all = all;
    }

    /**
     * Blocks until every link has the mapping; links to come begin with it.
     *
     * @return what the manager grants now
     * @throws TpException where it refuses or does not answer; then all is as before
     */
    Welcome change(MappingRequest wanted) {
        OpenLink first =
                current.get().orElseThrow(() -> notNow("the link is lost at the moment", null));
        MappingRequest before = links.mapping();
        // From here on: a link that is opened meanwhile is to ask for the new one.
        links.mapping(wanted);
        Welcome granted;
        try {
            granted = first.session().remap(wanted, LIMIT);
        } catch (TpException e) {
            backTo(before);
            throw e;
        } catch (IOException e) {
            backTo(before);
            begin(first); // it may have heard the question
            throw notNow(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            backTo(before);
            begin(first);
            Thread.currentThread().interrupt();
            throw notNow("interrupted", e);
        }
        List<Thread> others = new ArrayList<>();
        all.get().stream()
                .filter(link -> !link.equals(first))
                .forEach(one -> others.add(begin(one)));
        join(others);
        return granted;
    }

    /** A link that was opened meanwhile has asked for what is not wanted any more. */
    private void backTo(MappingRequest before) {
        links.mapping(before);
        all.get().stream().filter(this::isStale).forEach(this::begin);
    }

    /** Brings a link to the present mapping that asked for another when it was opened. */
    void follow(OpenLink link) {
        if (isStale(link)) {
            begin(link);
        }
    }

    /** {@return whether it asked for another mapping when it was opened} */
    boolean isStale(OpenLink link) {
        return !link.mapping().equals(links.mapping());
    }

    private Thread begin(OpenLink link) {
        return Thread.ofVirtual().name("remap").start(() -> tell(link));
    }

    private void tell(OpenLink link) {
        try {
            link.session().remap(links.mapping(), LIMIT);
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a link is closed with its mapping: {0}",
                    e.toString());
            link.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            link.close();
        }
    }

    private static void join(List<Thread> threads) {
        try {
            for (Thread one : threads) {
                one.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // they go on by themselves
        }
    }

    private static TpException notNow(String why, @Nullable Exception e) {
        return new TpException(
                TpException.Category.TRANSIENT,
                "the mapping was not changed: " + why,
                "try again when `tp status` says that it is connected",
                e);
    }
}
