package tp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tp.host.FieldReader.MalformedException;
import tp.os.Descriptor;
import tp.os.OsException;
import tp.os.PacketDevice;
import tp.os.Tun;
import tp.os.UnixSocket;
import tp.spi.common.Cidr;
import tp.spi.common.TpException;
import tp.spi.dns.HostChange;

/**
 * The daemon's side of what is changed on this host: each call is one request to the helper and
 * waits for its reply. May be used by several threads.
 *
 * <p>Close the {@link PacketDevice} before this. {@link #close} lets the helper take everything
 * back, as the end of this process does, and waits until it has.
 */
public final class Host implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Host.class.getName());
    private static final Duration REPLY = Duration.ofSeconds(15);
    private static final Duration END = Duration.ofSeconds(5);

    private final UnixSocket helper;
    private final HelperInfo info;
    private final List<String> notes;
    private final List<Runnable> deathWatchers = new ArrayList<>();
    private final Thread watcher;
    private boolean closing;
    private boolean dead;
    private boolean ipv6;

    private Host(UnixSocket helper, HelperReply.Ready ready) {
        this.helper = helper;
        this.info = new HelperInfo(ready.pid(), ready.version());
        this.notes = ready.notes();
        this.watcher =
                Thread.ofPlatform().daemon().name("tp-helper-watch").unstarted(this::awaitDeath);
    }

    /** {@return whether {@link #start} on the host may make sudo ask a person} */
    public static boolean mayAsk() {
        return SudoLaunch.mayAskHere();
    }

    /**
     * Starts the helper. On the host sudo is asked where this process is not root, which may ask a
     * person on the controlling terminal; the calling process must still have it.
     *
     * @throws TpException with a next step if that is refused or fails
     */
    public static Host start(HostSettings settings) {
        HelperRules.sessionId(settings.sessionId());
        UnixSocket socket = new HelperProcess(settings).connect();
        try {
            HelperReply.Ready ready =
                    switch (receive(socket).reply()) {
                        case HelperReply.Ready first -> first;
                        case HelperReply.Refused refused -> throw told(refused);
                        case HelperReply.DeviceOpened other -> throw unexpected(other);
                        case HelperReply.Listening other -> throw unexpected(other);
                        case HelperReply.Done other -> throw unexpected(other);
                    };
            Host host = new Host(socket, ready);
            host.watcher.start();
            return host;
        } catch (TpException e) {
            socket.close();
            throw e;
        } catch (IOException e) {
            socket.close();
            throw lost(e);
        }
    }

    /** {@return the helper's process} */
    public HelperInfo info() {
        return info;
    }

    /**
     * {@return what the helper found and did at its start: repairs of sessions that were killed}
     */
    public List<String> notes() {
        return notes;
    }

    /**
     * Makes the session's device, once, and brings it up.
     *
     * @throws TpException if this host has no TUN devices
     */
    public PacketDevice openDevice(DeviceRequest request) {
        Received received = ask(new HelperRequest.OpenDevice(request.addresses(), request.mtu()));
        if (received.reply() instanceof HelperReply.DeviceOpened opened
                && received.descriptor().isPresent()) {
            synchronized (this) {
                ipv6 = opened.ipv6();
            }
            try {
                return Tun.adopt(received.descriptor().get(), request.mtu());
            } catch (OsException e) {
                received.descriptor().get().close();
                throw lost(e);
            }
        }
        throw unexpected(received.reply());
    }

    /** {@return whether the device has its IPv6 addresses} Else this host does without IPv6. */
    public synchronized boolean ipv6() {
        return ipv6;
    }

    /**
     * Leads these ranges, and no others, into the device.
     *
     * @return notes for people: what is left out and why
     */
    public List<String> routes(Set<Cidr> wanted) {
        return done(ask(new HelperRequest.SetRoutes(List.copyOf(wanted))));
    }

    /**
     * Listens for TCP on that address of the device. Where the session has a network namespace of
     * its own nobody else can.
     *
     * @return a socket, of which the caller has to take care
     */
    public Descriptor listen(InetAddress address) {
        Received received = ask(new HelperRequest.Listen(address));
        if (received.reply() instanceof HelperReply.Listening
                && received.descriptor().isPresent()) {
            return received.descriptor().get();
        }
        throw unexpected(received.reply());
    }

    /** Changes the resolver. */
    public List<String> apply(List<HostChange> changes) {
        return done(ask(new HelperRequest.Apply(changes)));
    }

    /** Takes back what {@link #apply} did. */
    public List<String> restore() {
        return done(ask(new HelperRequest.Restore()));
    }

    /** Runs this, on a thread of its own, when the helper ends before {@link #close}. */
    public void onHelperDeath(Runnable action) {
        synchronized (this) {
            deathWatchers.add(action);
            if (!dead) {
                return;
            }
        }
        action.run();
    }

    private void awaitDeath() {
        try {
            helper.awaitEnd();
        } catch (OsException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot watch the helper", e);
        }
        List<Runnable> actions;
        synchronized (this) {
            if (closing) {
                return;
            }
            dead = true;
            actions = List.copyOf(deathWatchers);
        }
        actions.forEach(Runnable::run);
    }

    private record Received(HelperReply reply, Optional<Descriptor> descriptor) {}

    private synchronized Received ask(HelperRequest request) {
        try {
            helper.send(HelperCodec.encode(request), Optional.empty());
            Received received = receive(helper);
            if (received.reply() instanceof HelperReply.Refused refused) {
                throw told(refused);
            }
            return received;
        } catch (IOException e) {
            // A reply that comes later would be taken for the next one's.
            helper.shutdown();
            throw lost(e);
        }
    }

    private static Received receive(UnixSocket socket) throws IOException {
        UnixSocket.Message message =
                socket.receive(REPLY).orElseThrow(() -> new IOException("the helper has ended"));
        try {
            return new Received(HelperCodec.reply(message.body()), message.descriptor());
        } catch (MalformedException e) {
            message.descriptor().ifPresent(Descriptor::close);
            throw new IOException("the helper's reply is malformed: " + e.getMessage(), e);
        }
    }

    private static List<String> done(Received received) {
        if (received.reply() instanceof HelperReply.Done done) {
            return done.notes();
        }
        throw unexpected(received.reply());
    }

    private static TpException told(HelperReply.Refused refused) {
        return new TpException(refused.category(), refused.what(), refused.nextStep());
    }

    private static TpException unexpected(HelperReply reply) {
        return new TpException(
                TpException.Category.BUG, "the helper answered with " + reply, "report this");
    }

    private static TpException lost(IOException cause) {
        return new TpException(
                TpException.Category.ENVIRONMENT,
                "tp's helper is lost: " + cause.getMessage(),
                "run `tp quit`, then connect again",
                cause);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
        }
        helper.shutdown();
        try {
            watcher.join(END);
            awaitHelper();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        helper.close();
    }

    private void awaitHelper() throws InterruptedException {
        Optional<ProcessHandle> process = ProcessHandle.of(info.pid());
        long end = System.nanoTime() + END.toNanos();
        while (process.isPresent() && process.get().isAlive() && System.nanoTime() < end) {
            Thread.sleep(5);
        }
    }
}
