package tp.tunnel;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A laptop that keeps a link to the manager, as the connector does it: one that carries, others
 * beside it, and those that are left until their last flow has ended. All links die by {@link
 * #harm}.
 */
final class VirtualLaptop {

    private static final long LOOK_MS = 5;
    private static final long OPENING_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long DRAIN_LOOK_MS = 1_000;

    private record Way(ClientSession session, VirtualLink link) {}

    private final VirtualWorld world;
    private final SessionServer server;
    private final boolean smallWindows;
    private final long longestPauseMs;
    final FlowKeep keep = FlowKeep.create();
    private final List<VirtualLink> links = new ArrayList<>();

    /** When links were left for others, and the manager may have been told so. */
    private final List<Long> leftNs = new ArrayList<>();

    private final List<Way> opening = new ArrayList<>();
    private final List<Way> beside = new ArrayList<>();
    private final List<Way> draining = new ArrayList<>();
    private @Nullable Way current;
    private boolean seeking;
    private boolean over;

    /**
     * @param smallWindows whether each flow has the least that one may send ahead
     * @param longestPauseMs before it tries again after a loss
     */
    VirtualLaptop(
            VirtualWorld world, SessionServer server, boolean smallWindows, long longestPauseMs) {
        this.world = world;
        this.server = server;
        this.smallWindows = smallWindows;
        this.longestPauseMs = longestPauseMs;
    }

    // ---- links

    void seek() {
        if (!seeking && !over) {
            seeking = true;
            open(this::publish);
        }
    }

    private void open(Consumer<Way> opened) {
        VirtualLink link =
                world.oneIn(3)
                        ? VirtualLink.ofOnePipe(world, server)
                        : VirtualLink.withStreams(world, server);
        links.add(link);
        Listener listener = new Listener();
        ClientSession session =
                ClientSession.begin(
                        link.client(),
                        new ClientHello("model", "right", MappingRequest.everything()),
                        listener,
                        keep,
                        InstantSource.fixed(Instant.EPOCH));
        if (smallWindows) {
            session.budget().take(WindowBudget.SESSION_BYTES);
        }
        Way way = new Way(session, link);
        listener.way = way;
        opening.add(way);
        look(way, world.nowNs() + OPENING_NS, opened);
    }

    private void look(Way way, long deadlineNs, Consumer<Way> opened) {
        if (!way.session().full()) {
            opening.remove(way);
            if (over) {
                close(way);
            } else {
                opened.accept(way);
            }
        } else if (way.session().isOver() || world.nowNs() >= deadlineNs) {
            opening.remove(way);
            way.link().client().close();
            seeking = false;
            seekIfLost();
        } else {
            world.laterMs(LOOK_MS, () -> look(way, deadlineNs, opened));
        }
    }

    private void seekIfLost() {
        if (current == null) {
            world.laterMs(world.between(0, longestPauseMs), this::seek);
        }
    }

    private void publish(Way way) {
        seeking = false;
        List<Way> before = new ArrayList<>(beside);
        Way old = current;
        beside.clear();
        if (old != null) {
            before.add(old);
        }
        current = way;
        keep.carry(way.session());
        if (!before.isEmpty()) {
            leftNs.add(world.nowNs());
        }
        before.forEach(left -> keep.moveFrom(left.session()));
        before.forEach(this::drain);
        if (way.session().isOver()) {
            lost(way);
        }
    }

    private void drain(Way left) {
        draining.add(left);
        world.laterMs(DRAIN_LOOK_MS, () -> drained(left));
    }

    private void drained(Way left) {
        if (left.session().isOver() || left.session().statistics().openFlows() == 0) {
            draining.remove(left);
            close(left);
        } else {
            world.laterMs(DRAIN_LOOK_MS, () -> drained(left));
        }
    }

    private void close(Way left) {
        left.session().loop().execute(left.session()::close);
    }

    private void lost(Way way) {
        close(way);
        beside.remove(way);
        if (way.equals(current)) {
            current = null;
            List.copyOf(beside).forEach(this::drain);
            beside.clear();
            seekIfLost();
        }
    }

    private final class Listener implements SessionListener {
        private @Nullable Way way;

        @Override
        public void updated(Welcome welcome) {}

        @Override
        public void doubtful(String reason) {
            world.later(
                    0,
                    () -> {
                        if (current != null && current.equals(way)) {
                            seek();
                        }
                    });
        }

        @Override
        public void closed(String reason) {
            world.later(0, () -> Optional.ofNullable(way).ifPresent(VirtualLaptop.this::lost));
        }
    }

    /** {@return a session for a new flow} */
    Optional<ClientSession> session() {
        Way carrying = current;
        if (carrying == null) {
            return Optional.empty();
        }
        int choice = world.random.nextInt(beside.size() + 2);
        return Optional.of((choice < beside.size() ? beside.get(choice) : carrying).session());
    }

    // ---- what befalls it

    void harm() {
        switch (world.random.nextInt(10)) {
            case 0, 1, 2 -> any().ifPresent(VirtualLink::cut);
            case 3 -> any().ifPresent(VirtualLink::lose);
            case 4 -> any().ifPresent(VirtualLink::loseOneWay);
            case 5, 6 -> any().ifPresent(link -> link.stand(world.between(10, 7_500)));
            case 7, 8 -> {
                if (current != null) {
                    seek(); // a better one
                }
            }
            default -> {
                if (current != null && beside.size() < 3) {
                    open(this::keepBeside);
                }
            }
        }
    }

    private void keepBeside(Way way) {
        if (current == null) {
            drain(way);
        } else {
            beside.add(way);
        }
    }

    private Optional<VirtualLink> any() {
        List<Way> all = new ArrayList<>(draining);
        all.addAll(beside);
        all.addAll(opening);
        if (current != null) {
            all.add(current);
            all.add(current);
            all.add(current);
        }
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(all.get(world.random.nextInt(all.size())).link());
    }

    int links() {
        return links.size();
    }

    /** {@return whether a link was lost to the manager, or left, at that time or before} */
    boolean wasLost(long byNs) {
        return leftNs.stream().anyMatch(left -> left <= byNs)
                || links.stream().anyMatch(link -> link.serverEndedNs() <= byNs);
    }

    boolean isEnded() {
        return over;
    }

    void end() {
        over = true;
        List<Way> all = new ArrayList<>(draining);
        all.addAll(beside);
        all.addAll(opening);
        if (current != null) {
            all.add(current);
        }
        keep.end();
        all.forEach(this::close);
    }
}
