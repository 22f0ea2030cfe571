package tp.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All {@link EchoSocket}s of a process, and the one thread that reads them. Needs no right but that
 * of {@code net.ipv4.ping_group_range}, which is one of the network namespace, and no jnr-ffi.
 */
public final class EchoSockets implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("tp.os.echo");

    /** Each is a descriptor. */
    static final int MAX_SOCKETS = 4_096;

    private static final int CLOEXEC = 0x80000;
    private static final int NONBLOCK = 0x800;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;
    private static final int EVENTS = 64;

    /** struct epoll_event is packed on x86-64 and nowhere else. */
    private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");

    private static final int DATA = PACKED ? 4 : 8;
    private static final int EVENT_BYTES = DATA + 8;

    private final Arena arena = Arena.ofShared();
    private final ForeignCalls calls = new ForeignCalls(arena);
    private final Map<Integer, EchoSocket> open = new ConcurrentHashMap<>();
    private final AtomicLong failures = new AtomicLong();
    private final int epoll;
    private final int wake;
    private final Thread reader;
    private volatile boolean closing;

    private EchoSockets() throws OsException {
        epoll = calls.epollCreate(CLOEXEC);
        wake = calls.eventfd(CLOEXEC | NONBLOCK);
        watch(wake);
        reader = Thread.ofPlatform().name("tp-echo").daemon().unstarted(this::readAll);
    }

    /**
     * Starts to read, after a first socket could be opened.
     *
     * @throws OsException {@code EACCES} where the system does not let this process ask for echoes
     */
    public static EchoSockets start() throws OsException {
        EchoSockets sockets = new EchoSockets();
        sockets.reader.start();
        try {
            sockets.open(InetAddress.ofLiteral("127.0.0.1"), new Deaf()).close();
            return sockets;
        } catch (OsException e) {
            sockets.close();
            throw e;
        }
    }

    /**
     * {@return a socket that asks the target}
     *
     * @throws OsException {@code EMFILE} where there are too many, {@code EHOSTUNREACH} and the
     *     like where there is no way to it
     */
    public EchoSocket open(InetAddress target, EchoSocket.Ears ears) throws OsException {
        if (closing || open.size() >= MAX_SOCKETS) {
            throw new OsException("echo socket", Errno.EMFILE.number());
        }
        EchoSocket socket = new EchoSocket(target, ears, this);
        open.put(socket.fd(), socket);
        try {
            socket.connect();
            watch(socket.fd());
            return socket;
        } catch (OsException e) {
            socket.close();
            throw e;
        }
    }

    private void watch(int fd) throws OsException {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment event = scratch.allocate(EVENT_BYTES, 8);
            event.set(JAVA_INT, 0, EPOLLIN); // errors are told unasked
            event.set(JAVA_INT_UNALIGNED, DATA, fd);
            new ForeignCalls(scratch).epollCtl(epoll, EPOLL_CTL_ADD, fd, event);
        }
    }

    /** Closing takes a descriptor out of the set of those that are waited for. */
    void closed(EchoSocket socket) {
        open.remove(socket.fd(), socket);
    }

    /** {@return how many are open} */
    public int size() {
        return open.size();
    }

    /** {@return what ears threw; each is a bug} */
    public long failures() {
        return failures.get();
    }

    private void readAll() {
        MemorySegment events = arena.allocate((long) EVENT_BYTES * EVENTS, 8);
        ReceivedMessage message = new ReceivedMessage(arena);
        while (!closing) {
            int count = await(events);
            for (int i = 0; i < count; i++) {
                int fd = events.get(JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES + DATA);
                EchoSocket socket = open.get(fd);
                if (socket != null) {
                    read(socket, message);
                }
            }
        }
    }

    private int await(MemorySegment events) {
        try {
            return calls.epollWait(epoll, events, EVENTS);
        } catch (OsException e) {
            // EINTR, and what else there is means a bug here: then it does not spin.
            if (e.errno() != Errno.EINTR) {
                failed(e);
                closing = true;
            }
            return 0;
        }
    }

    private void read(EchoSocket socket, ReceivedMessage message) {
        try {
            socket.read(message);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void failed(Exception e) {
        if (failures.getAndIncrement() == 0) {
            LOG.log(Level.ERROR, "reading echoes met a bug", e);
        }
    }

    /** Closes all sockets too; waits for the reader, and so is not called by ears. */
    @Override
    public synchronized void close() {
        if (!arena.scope().isAlive()) {
            return;
        }
        closing = true;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment one = scratch.allocate(JAVA_LONG);
            one.set(JAVA_BYTE, 0, (byte) 1);
            new ForeignCalls(scratch).write(wake, one);
            reader.join();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the reader of echoes is not told of the end", e);
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        open.values().forEach(EchoSocket::close);
        calls.close(wake);
        calls.close(epoll);
        arena.close();
    }

    /** Of the first socket, which is only opened. */
    private static final class Deaf implements EchoSocket.Ears {
        @Override
        public void replied(java.nio.ByteBuffer echoed) {}

        @Override
        public void failed(int sequence, int type, int code) {}
    }
}
