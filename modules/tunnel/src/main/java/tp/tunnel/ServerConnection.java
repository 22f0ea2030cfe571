package tp.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tp.spi.transport.LinkEvents;
import tp.spi.transport.StreamLink;

/**
 * One client's connection, from accept to end. State changes happen on its event loop; the host and
 * its grant are asked on virtual threads.
 */
final class ServerConnection implements SessionControl {

    private static final int HELLO_SECONDS = 10;
    private final SessionServer server;
    private final StreamLink link;
    private final SocketAddress peer;
    private final SessionHost host;
    private final Counters counters;
    private final Datagrams datagrams;
    private final Pulse pulse;
    private final FlowMeans means;
    private final WindowBudget budget = new WindowBudget();
    private final Set<ServerStream> flows = new LinkedHashSet<>();
    private final DialTurns dialTurns;

    private @Nullable ServerControl control;
    private volatile @Nullable SessionGrant grant;
    private volatile Clients.Name client = new Clients.Name("", "");
    private ReadTurns.@Nullable Seat seat;
    private boolean spokenTo;
    private boolean leaving;
    private boolean refused;
    private boolean ended;

    ServerConnection(SessionServer server, StreamLink link, SocketAddress peer, SessionHost host) {
        this.server = server;
        this.link = link;
        this.peer = peer;
        this.host = host;
        counters = new Counters(server.malformed());
        pulse = new Pulse(link.loop(), new Asking());
        datagrams = new Datagrams(link, counters, pulse);
        dialTurns = new DialTurns(server.waitingDials());
        means = new FlowMeans(counters, this::mark, link.loop());
    }

    private void mark(long number) {
        ServerControl to = control;
        if (to != null) {
            to.mark(number);
        }
    }

    /** Nothing listens without authentication: who says no valid hello in time is closed. */
    void start() {
        server.totals().begin(counters);
        link.start(new FromLink());
        loop().schedule(
                        () -> {
                            if (grant == null && !ended) {
                                refuse("no hello within " + HELLO_SECONDS + " s");
                            }
                        },
                        HELLO_SECONDS,
                        TimeUnit.SECONDS);
    }

    void hello(ServerControl from, ClientHello hello) {
        if (control != null) {
            refuse("a second hello");
            return;
        }
        control = from;
        outside().ask("tp-admission", () -> admit(hello));
    }

    private void admit(ClientHello hello) {
        Admission admission;
        try {
            admission = host.admit(hello, peer);
        } catch (RuntimeException e) {
            admission =
                    new Admission.Refused(
                            "the manager failed to decide: " + e.getClass().getSimpleName());
        }
        switch (admission) {
            case Admission.Granted granted -> {
                SessionGrant given = granted.grant();
                given.opened(this);
                Welcome welcome = given.welcome();
                var name = new Clients.Name(given.subject(), hello.flowKey());
                loop().execute(() -> welcome(given, welcome, name));
            }
            case Admission.Refused refused -> loop().execute(() -> refuse(refused.reason()));
        }
    }

    private void welcome(SessionGrant given, Welcome welcome, Clients.Name name) {
        FlowMemory memory = ended ? null : server.clients().enter(name).orElse(null);
        if (memory == null) {
            outside().ask("tp-end", given::closed);
            if (!ended) {
                refuse(name.subject() + " has too many connections; end some of its sessions");
            }
            return;
        }
        client = name;
        seat = server.turns(loop()).sit(name, memory);
        grant = given;
        tell(new Message.Welcomed(welcome));
        pulse.start();
    }

    private final class Asking implements Pulse.Owner {
        @Override
        public void ask(long silenceMs) {
            ServerControl to = control;
            if (to != null) {
                to.ask(silenceMs);
            }
        }

        /** Another way is for the client to find. */
        @Override
        public void doubtful() {}

        @Override
        public void dead() {
            close();
        }
    }

    private void refuse(String reason) {
        if (refused) {
            return;
        }
        refused = true;
        server.refusals().refused(peer, reason);
        tell(new Message.Refused(reason));
        loop().schedule(link::close, 200, TimeUnit.MILLISECONDS);
    }

    void tell(Message message) {
        ServerControl to = control;
        if (to != null) {
            to.send(message);
        }
    }

    void renew(String token) {
        SessionGrant current = grant;
        if (current == null) {
            refuse("a token before the hello");
            return;
        }
        outside()
                .ask(
                        "tp-renewal",
                        () -> {
                            Optional<String> refusal = current.renew(token);
                            refusal.ifPresent(this::revoke);
                        });
    }

    void remap(Message.Remap wanted) {
        SessionGrant current = grant;
        if (current == null) {
            refuse("a mapping before the welcome");
            return;
        }
        outside()
                .ask(
                        "tp-remap",
                        () -> {
                            Message told =
                                    new Message.Remapped(
                                            wanted.number(), refusal(current, wanted.mapping()));
                            loop().execute(() -> tell(told)); // after the grant that came of it
                        });
    }

    private static String refusal(SessionGrant current, MappingRequest wanted) {
        try {
            return current.remap(wanted).orElse("");
        } catch (RuntimeException e) {
            return "the manager failed to decide: " + e.getClass().getSimpleName();
        }
    }

    /** What came is no message of ours, or not one for now. */
    void malformed() {
        counters.malformed.increment();
        if (!admitted()) {
            refuse("it does not speak tp's protocol");
        }
    }

    private void wordless() {
        if (!ended) {
            malformed();
            close();
        }
    }

    @Override
    public void update(Welcome welcome) {
        loop().execute(() -> tell(new Message.Update(welcome)));
    }

    @Override
    public void recheck() {
        loop().execute(() -> List.copyOf(flows).forEach(ServerStream::recheck));
    }

    @Override
    public void revoke(String reason) {
        loop().execute(
                        () -> {
                            leaving = true;
                            tell(new Message.Goodbye(reason));
                            loop().schedule(link::close, 200, TimeUnit.MILLISECONDS);
                        });
    }

    /** {@return a flow to be kept that was dialed, on that stream} */
    KeptFlow keep(Message.Open open, long window, ServerStream on) {
        KeptFlow flow = new KeptFlow(server.kept(), name(open.flowId()), open.target(), window, on);
        server.kept().add(flow);
        return flow;
    }

    /** {@return the flow that this client has by that number} */
    Optional<KeptFlow> kept(long flowId) {
        return server.kept().find(name(flowId));
    }

    /** This client does not want that flow any more, be it there or still to come. */
    void forsake(long flowId) {
        server.kept().forsake(name(flowId));
    }

    /** {@return what had come of a flow of this client that has ended in order} */
    Optional<Long> doneAt(long flowId) {
        return server.kept().doneAt(name(flowId));
    }

    private KeptFlows.Name name(long flowId) {
        return new KeptFlows.Name(client, flowId);
    }

    /** The client goes, or is sent away: its flows go with it. */
    void leave() {
        leaving = true;
        close();
    }

    boolean isLeaving() {
        return leaving;
    }

    boolean admitted() {
        return grant != null;
    }

    @Nullable SessionGrant grant() {
        return grant;
    }

    EventLoop loop() {
        return link.loop();
    }

    Counters counters() {
        return counters;
    }

    FlowMeans means() {
        return means;
    }

    WindowBudget budget() {
        return budget;
    }

    /** {@return whether there is room for one more} */
    boolean add(ServerStream flow) {
        boolean added = flows.size() < SessionLimits.MAX_FLOWS && flows.add(flow);
        if (added) {
            server.flows().incrementAndGet();
        }
        return added;
    }

    void remove(ServerStream flow) {
        if (flows.remove(flow)) {
            server.flows().decrementAndGet();
        }
    }

    Outside outside() {
        return server.outside();
    }

    /** {@return the client's place among those that are read here} Once it is let in. */
    ReadTurns.Seat seat() {
        ReadTurns.Seat mine = seat;
        if (mine == null) {
            throw new IllegalStateException("nobody is let in yet");
        }
        return mine;
    }

    DialTurns dialTurns() {
        return dialTurns;
    }

    AtomicInteger dials() {
        return server.dials();
    }

    void close() {
        link.close();
    }

    Datagrams datagrams() {
        return datagrams;
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        pulse.stop();
        server.ended(this);
        server.totals().end(counters);
        dialTurns.clear();
        if (seat != null) {
            server.turns(loop()).leave(client);
            server.clients().leave(client);
        }
        SessionGrant last = grant;
        if (last != null) {
            outside().ask("tp-end", last::closed);
        }
    }

    private final class FromLink implements LinkEvents {

        @Override
        public void opened(Channel stream) {
            if (spokenTo && !admitted()) {
                // Streams are cheap to open by the thousand: a stranger gets no second try.
                refuse("it opens other streams before it is let in");
                stream.close();
                return;
            }
            spokenTo = true;
            stream.config().setWriteBufferWaterMark(SessionLimits.PER_STREAM);
            stream.pipeline()
                    .addLast(
                            pulse,
                            new MessageStream(
                                    new FirstMessage(stream), ServerConnection.this::malformed));
        }

        @Override
        public void datagram(ByteBuf datagram) {
            datagrams.received(datagram);
        }

        @Override
        public void heard() {
            pulse.heard();
        }

        @Override
        public void closed(Optional<Throwable> cause) {
            if (!admitted()) {
                cause.flatMap(RefusalLog::reason).ifPresent(ServerConnection.this::refuse);
            }
            end();
        }
    }

    /** The first message of a stream says what the stream is for. */
    private final class FirstMessage implements MessageStream.Receiver {

        private final Channel stream;
        private MessageStream.@Nullable Receiver chosen;

        FirstMessage(Channel stream) {
            this.stream = stream;
        }

        @Override
        public void received(Message message) {
            if (chosen == null) {
                chosen = choose(message);
            }
            if (chosen == null) {
                MessageStream.release(message);
                malformed();
                stream.close();
            } else {
                chosen.received(message);
            }
        }

        private MessageStream.@Nullable Receiver choose(Message message) {
            if (message instanceof Message.Hello) {
                return control == null ? new ServerControl(ServerConnection.this, stream) : null;
            }
            if (!admitted()) {
                return null;
            }
            return switch (message) {
                case Message.Open open -> new ServerFlow(ServerConnection.this, stream);
                case Message.Resume resume -> new ServerResume(ServerConnection.this, stream);
                case Message.Query query -> new ServerQueries(ServerConnection.this, stream);
                case Message.Loose loose -> datagrams.receiver(stream);
                default -> null;
            };
        }

        @Override
        public void receivedAll() {
            if (chosen != null) {
                chosen.receivedAll();
            }
        }

        /** Whoever is not let in yet gets no more memory than a hello needs. */
        @Override
        public int maxBodyBytes() {
            if (chosen != null) {
                return chosen.maxBodyBytes();
            }
            return admitted() ? MessageCodec.MAX_BODY_BYTES : ServerControl.MAX_HELLO_BYTES;
        }

        @Override
        public void writabilityChanged() {
            if (chosen != null) {
                chosen.writabilityChanged();
            }
        }

        @Override
        public void closed() {
            if (chosen != null) {
                chosen.closed();
            } else if (!admitted()) {
                // It had one stream to say hello on. Where the link went with it, it only left.
                loop().execute(ServerConnection.this::wordless);
            }
        }
    }
}
