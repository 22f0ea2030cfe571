package tp.tunnel;

import io.netty.channel.Channel;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tp.spi.common.TpException;
import tp.spi.transport.ServerPin;
import tp.spi.transport.Sockets;
import tp.spi.transport.WrongKeyException;
import tp.tunnel.Message.Goodbye;
import tp.tunnel.Message.Hello;
import tp.tunnel.Message.Ping;
import tp.tunnel.Message.Pong;
import tp.tunnel.Message.Refused;
import tp.tunnel.Message.Remap;
import tp.tunnel.Message.Remapped;
import tp.tunnel.Message.Update;
import tp.tunnel.Message.Welcomed;

/**
 * The client's control stream: hello, heartbeat, changes, goodbye. On the event loop, but for
 * waiting.
 */
final class ClientControl implements MessageStream.Receiver {

    private final ClientSession session;
    private final SessionListener listener;
    private final Counters counters;
    private final CountDownLatch decided = new CountDownLatch(1);

    /** Whoever waits for the answer to a heartbeat, by its number. */
    private final Map<Long, CountDownLatch> proofs = new ConcurrentHashMap<>();

    private final Remappings remappings = new Remappings();
    private @Nullable Channel stream;
    private final Pulse pulse;
    private final Deafness deafness = new Deafness();
    private volatile @Nullable Welcome welcome;
    private volatile @Nullable TpException failure;
    private boolean confirming;
    private boolean closedTold;
    private volatile boolean lost;
    private volatile String end = "the link was lost";

    /**
     * @param wall the clock that goes on while this machine sleeps
     */
    ClientControl(
            ClientSession session,
            SessionListener listener,
            Counters counters,
            InstantSource wall) {
        this.session = session;
        this.listener = listener;
        this.counters = counters;
        pulse = new Pulse(session.loop(), new Asking(), wall);
    }

    Pulse pulse() {
        return pulse;
    }

    void start(Channel opened, ClientHello hello) {
        stream = opened;
        MessageStream.writeAndFlush(opened, new Hello(hello));
    }

    void awaitWelcome(Duration limit) throws InterruptedException {
        if (!decided.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw transientFailure(
                    "the manager did not answer within " + limit.toSeconds() + " s", null);
        }
        TpException why = failure;
        if (why != null) {
            throw why;
        }
    }

    Welcome welcome() {
        Welcome current = welcome;
        if (current == null) {
            throw new IllegalStateException("not welcomed yet");
        }
        return current;
    }

    boolean admitted() {
        return welcome != null;
    }

    void send(Message message) {
        Channel to = stream;
        if (to != null && to.isActive()) {
            MessageStream.writeAndFlush(to, message);
        }
    }

    void goodbye() {
        end = "closed by the client";
        send(new Goodbye("closed by the client"));
        // The manager closes the link; closed here at once, it would overtake the word.
        session.loop()
                .schedule(session::closeLink, ClientSession.GOODBYE_MS / 2, TimeUnit.MILLISECONDS);
    }

    @Override
    public void received(Message message) {
        switch (message) {
            case Welcomed welcomed -> {
                if (welcome == null) {
                    welcome = welcomed.welcome();
                    session.welcomed();
                    pulse.start();
                    ask(0);
                    decided.countDown();
                }
            }
            case Refused refused ->
                    fail(
                            TpException.environment(
                                    "the manager refused the session: " + refused.reason(),
                                    "ask who administers tp in this cluster"));
            case Update update -> {
                welcome = update.welcome();
                listener.updated(update.welcome());
            }
            case Ping ping -> {
                send(session.means().answer(ping));
                listenFor(ping.silenceMs());
            }
            case Pong pong -> {
                deafness.answered(pong.number());
                session.means().answered(pong);
                answered(pong.number());
            }
            case Remapped done -> remappings.answered(done.number(), done.refusal());
            case Goodbye goodbye -> {
                end = goodbye.reason();
                session.dismissed();
                session.closeLink();
            }
            default -> {
                MessageStream.release(message);
                counters.malformed.increment();
                session.closeLink();
            }
        }
    }

    private long nowNs() {
        return session.loop().ticker().nanoTime();
    }

    /**
     * The number in a ping is the time at which it was sent, so that nothing has to be remembered.
     */
    private void ask(long silenceMs) {
        long now = nowNs();
        deafness.asked(now);
        send(new Ping(now, silenceMs));
    }

    /** The manager asks, and says for how long it has not heard us. */
    private void listenFor(long silenceMs) {
        if (Deafness.isSign(silenceMs) && !confirming) {
            confirming = true;
            if (!deafness.isWaiting()) {
                ask(0);
            }
            session.loop()
                    .schedule(this::confirm, deafness.surerInNs(nowNs()), TimeUnit.NANOSECONDS);
        }
    }

    private void confirm() {
        confirming = false;
        if (!lost && deafness.isSure(nowNs())) {
            listener.doubtful("the manager hears nothing of this machine");
        }
    }

    private final class Asking implements Pulse.Owner {
        @Override
        public void ask(long silenceMs) {
            ClientControl.this.ask(silenceMs);
        }

        @Override
        public void doubtful() {
            listener.doubtful("the manager does not answer heartbeats");
        }

        @Override
        public void slept() {
            listener.doubtful("this machine was asleep");
        }

        @Override
        public void dead() {
            end = "the manager does not answer heartbeats";
            session.closeLink();
        }
    }

    /**
     * Sends a heartbeat of its own and waits for the answer.
     *
     * @throws IOException where none came in time, or the session ended
     */
    void prove(Duration limit) throws IOException, InterruptedException {
        long number = nowNs();
        CountDownLatch answer = new CountDownLatch(1);
        proofs.put(number, answer);
        try {
            session.loop().execute(() -> send(new Ping(number, 0)));
            if (!answer.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("no heartbeat came back within " + limit.toMillis() + " ms");
            }
            if (lost) {
                throw new IOException(end);
            }
        } finally {
            proofs.remove(number);
        }
    }

    /**
     * Asks for other namespaces and waits for the answer.
     *
     * @return why the manager refuses, empty where it does not: then the welcome is the new one
     * @throws IOException where no answer came in time, or the session ended
     */
    String remap(MappingRequest mapping, Duration limit) throws IOException, InterruptedException {
        int number = remappings.begin();
        session.loop().execute(() -> send(new Remap(number, mapping)));
        return remappings.await(number, limit);
    }

    private void answered(long number) {
        CountDownLatch waiting = proofs.get(number);
        if (waiting != null) {
            waiting.countDown();
        }
    }

    @Override
    public void closed() {
        session.closeLink();
    }

    void linkLost(@Nullable Throwable cause) {
        pulse.stop();
        lost = true;
        proofs.values().forEach(CountDownLatch::countDown);
        remappings.ended(end);
        if (welcome == null) {
            fail(notLetIn(cause));
        } else if (!closedTold) {
            closedTold = true;
            listener.closed(cause == null ? end : end + ": " + Sockets.reason(cause));
        }
    }

    private static TpException notLetIn(@Nullable Throwable cause) {
        if (cause == null) {
            return transientFailure(
                    "the manager did not let us in: the connection ended", new IOException());
        }
        if (ServerPin.isWrongKey(cause)) {
            return WrongKeyException.told(cause);
        }
        String what =
                cause instanceof SSLException
                        ? "no TLS session with the manager: "
                        : "the manager did not let us in: ";
        return transientFailure(what + Sockets.reason(cause), cause);
    }

    private void fail(TpException why) {
        if (failure == null && welcome == null) {
            failure = why;
        }
        decided.countDown();
    }

    private static TpException transientFailure(String what, @Nullable Throwable cause) {
        return new TpException(TpException.Category.TRANSIENT, what, "try again", cause);
    }
}
