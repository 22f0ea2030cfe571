package tp.os;

import static tp.os.LinuxLibrary.C;
import static tp.os.LinuxLibrary.check;
import static tp.os.LinuxLibrary.memory;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A Unix stream connection that carries messages of bounded length, each with at most one
 * descriptor. A message is preceded by its length in 4 bytes, big-endian. One thread sends and one
 * receives; {@link #close} is for when both have ended, {@link #shutdown} ends them.
 */
public final class UnixSocket implements AutoCloseable {

    /** No message is longer. */
    public static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SHUT_RDWR = 2;

    // struct msghdr and struct cmsghdr on 64-bit Linux (recvmsg(2), cmsg(3)).
    private static final int MSGHDR_BYTES = 56;
    private static final int MSGHDR_IOV = 16;
    private static final int MSGHDR_IOV_COUNT = 24;
    private static final int MSGHDR_CONTROL = 32;
    private static final int MSGHDR_CONTROL_LENGTH = 40;
    private static final int CMSG_BYTES = 24;
    private static final int CMSG_LENGTH_OF_ONE = 20;

    private final Descriptor descriptor;

    /**
     * Who is at the other end, said by the kernel.
     *
     * @param pid the process that connected or listened
     */
    public record Peer(long pid, int userId, int groupId) {}

    /** A received message. Whoever receives it closes the descriptor. */
    public record Message(ByteBuffer body, Optional<Descriptor> descriptor) {}

    UnixSocket(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Connects to a listener. */
    public static UnixSocket connect(Path path) throws OsException {
        Descriptor descriptor = UnixListener.socket();
        try {
            ByteBuffer address = UnixListener.address(path);
            check("connect " + path, C.connect(descriptor.number(), address, address.limit()));
            return new UnixSocket(descriptor);
        } catch (OsException e) {
            descriptor.close();
            throw e;
        }
    }

    Descriptor descriptor() {
        return descriptor;
    }

    /** {@return who is at the other end} */
    public Peer peer() throws OsException {
        ByteBuffer credentials = memory(12);
        ByteBuffer length = memory(4).putInt(0, 12);
        int fd = descriptor.number();
        check("SO_PEERCRED", C.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length));
        return new Peer(credentials.getInt(0), credentials.getInt(4), credentials.getInt(8));
    }

    /** Sends a message; a descriptor goes with it and stays open here too. */
    public void send(byte[] body, Optional<Descriptor> passed) throws OsException {
        if (body.length > MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException("a message of " + body.length + " bytes");
        }
        ByteBuffer bytes = memory(4 + body.length).order(ByteOrder.BIG_ENDIAN);
        bytes.putInt(body.length).put(body).flip();
        if (passed.isPresent()) {
            ByteBuffer control = memory(CMSG_BYTES).putLong(0, CMSG_LENGTH_OF_ONE);
            control.putInt(8, SOL_SOCKET).putInt(12, SCM_RIGHTS);
            control.putInt(16, passed.get().number());
            bytes.position((int) transfer("sendmsg", bytes, control, true));
        }
        while (bytes.hasRemaining()) {
            long sent = C.send(descriptor.number(), bytes, bytes.remaining(), MSG_NOSIGNAL);
            if (sent < 0 && LinuxLibrary.lastError() == LinuxLibrary.EINTR) {
                continue;
            }
            bytes.position(bytes.position() + (int) check("send", sent));
        }
    }

    /**
     * {@return the next message, empty at an end between messages} Waits as long as it takes for
     * its begin, and as long again for each piece of the rest.
     *
     * @throws SocketTimeoutException after that time
     * @throws IOException if the message is too long or cut off
     */
    public Optional<Message> receive(Duration atMost) throws IOException {
        ByteBuffer header = memory(4).order(ByteOrder.BIG_ENDIAN);
        ByteBuffer control = memory(CMSG_BYTES);
        awaitInput(atMost);
        int got = (int) transfer("recvmsg", header, control, false);
        if (got == 0) {
            return Optional.empty();
        }
        Optional<Descriptor> passed = passed(control);
        try {
            header.position(got);
            fill(header, atMost);
            int length = header.getInt(0);
            if (length < 0 || length > MAX_MESSAGE_BYTES) {
                throw new IOException("a message of " + length + " bytes was announced");
            }
            ByteBuffer body = memory(length);
            fill(body, atMost);
            return Optional.of(new Message(body.flip().order(ByteOrder.BIG_ENDIAN), passed));
        } catch (IOException e) {
            passed.ifPresent(Descriptor::close);
            throw e;
        }
    }

    private void fill(ByteBuffer into, Duration atMost) throws IOException {
        while (into.hasRemaining()) {
            awaitInput(atMost);
            long got = C.recv(descriptor.number(), into, into.remaining(), 0);
            if (got == 0) {
                throw new EOFException("a message was cut off");
            }
            into.position(into.position() + (int) check("recv", got));
        }
    }

    private void awaitInput(Duration atMost) throws IOException {
        if (!LinuxLibrary.awaitInput(descriptor.number(), atMost.toNanos())) {
            throw new SocketTimeoutException("no message within " + atMost.toMillis() + " ms");
        }
    }

    /** One sendmsg or recvmsg of the bytes from position to limit. */
    private long transfer(String call, ByteBuffer bytes, ByteBuffer control, boolean out)
            throws OsException {
        ByteBuffer vector = memory(16).putLong(0, address(bytes)).putLong(8, bytes.remaining());
        ByteBuffer header = memory(MSGHDR_BYTES).putLong(MSGHDR_IOV, address(vector));
        header.putLong(MSGHDR_IOV_COUNT, 1).putLong(MSGHDR_CONTROL, address(control));
        header.putLong(MSGHDR_CONTROL_LENGTH, CMSG_BYTES);
        try {
            long done;
            do {
                int fd = descriptor.number();
                done =
                        out
                                ? C.sendmsg(fd, header, MSG_NOSIGNAL)
                                : C.recvmsg(fd, header, MSG_CMSG_CLOEXEC);
            } while (done < 0 && LinuxLibrary.lastError() == LinuxLibrary.EINTR);
            return check(call, done);
        } finally {
            // The header holds bare addresses of these.
            Reference.reachabilityFence(bytes);
            Reference.reachabilityFence(vector);
            Reference.reachabilityFence(control);
        }
    }

    /** Has room for one: the kernel closes any more than that. */
    private static Optional<Descriptor> passed(ByteBuffer control) {
        boolean one =
                control.getLong(0) == CMSG_LENGTH_OF_ONE
                        && control.getInt(8) == SOL_SOCKET
                        && control.getInt(12) == SCM_RIGHTS;
        return one ? Optional.of(new Descriptor(control.getInt(16))) : Optional.empty();
    }

    private static long address(ByteBuffer bytes) {
        return MemorySegment.ofBuffer(bytes).address();
    }

    /** Waits until the other end closed, or {@link #shutdown} was called here; reads nothing. */
    public void awaitEnd() throws OsException {
        LinuxLibrary.awaitHangup(descriptor.number());
    }

    /** Ends both directions; whoever waits on this connection sees the end. */
    public void shutdown() {
        try {
            C.shutdown(descriptor.number(), SHUT_RDWR);
        } catch (OsException ignored) {
            // Closed already.
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
