package tp.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Asks one target for echoes, over an unprivileged socket of ICMP (icmp(7)). The kernel gives it an
 * identifier, writes the checksums, and hands over replies with that identifier only. Any thread.
 */
public final class EchoSocket implements AutoCloseable {

    /** Told of what comes, on the reading thread; does not wait. Buffers are borrowed. */
    public interface Ears {

        /**
         * The target replied.
         *
         * @param echoed sequence number (2 bytes) and data, as they came back
         */
        void replied(ByteBuffer echoed);

        /** An ICMP message of the target's family says that a request did not arrive. */
        void failed(int sequence, int type, int code);
    }

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_RECVERR = 11;
    private static final int IPV6_RECVERR = 25;
    private static final int IP_PMTUDISC_DONT = 0;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_ERRQUEUE = 0x2000;

    private static final int ECHO_REQUEST = 8;
    private static final int V6_ECHO_REQUEST = 128;

    /** Type, code, checksum and identifier come before what is echoed (RFC 792). */
    static final int SEQUENCE = 6;

    /** How many messages are taken at one time: the sockets take turns. */
    private static final int AT_A_TIME = 16;

    private final byte[] target;
    private final Ears ears;
    private final EchoSockets owner;

    /** Freed when nobody can see it any more. */
    private final Arena arena = Arena.ofAuto();

    private final ForeignCalls calls = new ForeignCalls(arena);
    private final int fd;

    /** Guarded by this, so that no number of a closed descriptor is used. */
    private boolean closed;

    EchoSocket(InetAddress target, Ears ears, EchoSockets owner) throws OsException {
        this.target = target.getAddress();
        this.ears = ears;
        this.owner = owner;
        fd = isIpv4() ? socket(AF_INET, IPPROTO_ICMP) : socket(AF_INET6, IPPROTO_ICMPV6);
    }

    private int socket(int family, int protocol) throws OsException {
        return calls.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    }

    int fd() {
        return fd;
    }

    boolean isIpv4() {
        return target.length == 4;
    }

    /** Errors are to be told, and a request goes in fragments where it has to (RFC 791 §3.2). */
    void connect() throws OsException {
        MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
        if (isIpv4()) {
            number.set(ValueLayout.JAVA_INT, 0, IP_PMTUDISC_DONT);
            calls.setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, number);
        }
        number.set(ValueLayout.JAVA_INT, 0, 1);
        calls.setsockopt(
                fd,
                isIpv4() ? IPPROTO_IP : IPPROTO_IPV6,
                isIpv4() ? IP_RECVERR : IPV6_RECVERR,
                number);
        calls.connect(fd, isIpv4() ? address(16, AF_INET, 4) : address(28, AF_INET6, 8));
    }

    /** struct sockaddr_in and sockaddr_in6 differ in where the address is. */
    private MemorySegment address(int bytes, int family, int at) {
        MemorySegment address = arena.allocate(bytes);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) family);
        MemorySegment.copy(target, 0, address, ValueLayout.JAVA_BYTE, at, target.length);
        return address;
    }

    /**
     * Sends a request.
     *
     * @param echoed what is to come back: sequence number (2 bytes) and data; borrowed
     * @throws OsException {@code EAGAIN} where there is no room for it, {@code EHOSTUNREACH} and
     *     the like where there is no way
     */
    public synchronized void send(ByteBuffer echoed) throws OsException {
        if (closed) {
            throw new OsException("send on a closed socket", Errno.EBADF.number());
        }
        int length = echoed.remaining();
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment message = scratch.allocate(SEQUENCE + length);
            message.set(
                    ValueLayout.JAVA_BYTE, 0, (byte) (isIpv4() ? ECHO_REQUEST : V6_ECHO_REQUEST));
            message.asSlice(SEQUENCE).copyFrom(MemorySegment.ofBuffer(echoed));
            send(message);
        }
    }

    /**
     * An error that came for an earlier request is reported to the next call, whatever that is;
     * what is wrong with this request is said again.
     */
    private void send(MemorySegment message) throws OsException {
        try {
            calls.send(fd, message, MSG_DONTWAIT);
        } catch (OsException e) {
            if (e.errno() == Errno.EAGAIN) {
                throw e;
            }
            calls.send(fd, message, MSG_DONTWAIT);
        }
    }

    /** Takes some of what came; on the reading thread. */
    void read(ReceivedMessage message) {
        for (int i = 0; i < AT_A_TIME; i++) {
            boolean any = receive(message, MSG_ERRQUEUE);
            if (any) {
                message.error((sequence, icmp) -> ears.failed(sequence, icmp >> 8, icmp & 0xff));
            }
            if (receive(message, 0)) {
                any = true;
                ByteBuffer echoed = reply(message);
                if (echoed != null) {
                    ears.replied(echoed);
                }
            }
            if (!any) {
                return;
            }
        }
    }

    /**
     * The kernel looks at the identifier only: who has it from elsewhere could reply in the
     * target's place.
     */
    private @Nullable ByteBuffer reply(ReceivedMessage message) {
        return Arrays.equals(message.source(isIpv4()), target) ? message.echoed(isIpv4()) : null;
    }

    /** {@return whether there was something} An error on the socket itself is told elsewhere. */
    private synchronized boolean receive(ReceivedMessage message, int flags) {
        for (int i = 0; i < AT_A_TIME && !closed; i++) {
            try {
                message.receive(calls, fd, flags | MSG_DONTWAIT);
                return true;
            } catch (OsException e) {
                if (e.errno() == Errno.EAGAIN) {
                    return false;
                }
            }
        }
        return false;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            owner.closed(this);
            calls.close(fd);
        }
    }
}
