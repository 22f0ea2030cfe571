package tp.os;

import static tp.os.LinuxLibrary.C;
import static tp.os.LinuxLibrary.check;
import static tp.os.LinuxLibrary.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** Asks one of the kernel's netlink families (netlink(7)). For one thread. */
final class NetlinkSocket implements AutoCloseable {

    static final int ROUTE = 0;
    static final int SOCK_DIAG = 4;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;
    private static final int NLM_F_DUMP_INTR = 0x10;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int MAX_ENTRIES = 1_000_000;
    private static final int MAX_REPEATS = 5;
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(5);

    private final Descriptor descriptor;
    private final ByteBuffer received = memory(BUFFER_BYTES);
    private int sequence;

    /**
     * Sees the body of each entry of a dump: without netlink header, in the machine's byte order.
     */
    interface Entries {
        void entry(int type, ByteBuffer body);
    }

    /** Sees an attribute: its value from position to limit, in the machine's byte order. */
    interface Attributes {
        void attribute(int type, ByteBuffer value);
    }

    NetlinkSocket(int family) throws OsException {
        int type = SOCK_RAW | UnixListener.SOCK_CLOEXEC;
        descriptor = new Descriptor(check("netlink socket", C.socket(AF_NETLINK, type, family)));
    }

    /** Sends a request that is answered by an acknowledgement or an error. */
    void request(String what, NetlinkRequest request) throws IOException {
        int number = send(what, request);
        while (true) {
            ByteBuffer messages = receive(what);
            while (messages.remaining() >= NetlinkRequest.HEADER_BYTES) {
                ByteBuffer message = next(what, messages);
                if (message.getInt(8) == number && message.getShort(4) == NLMSG_ERROR) {
                    failUnlessZero(what, message);
                    return;
                }
            }
        }
    }

    /**
     * Reads a whole table.
     *
     * @param restart called before the first entry, and again where the kernel says that the table
     *     changed meanwhile
     */
    void dump(String what, NetlinkRequest request, Runnable restart, Entries entries)
            throws IOException {
        for (int i = 0; i < MAX_REPEATS; i++) {
            restart.run();
            if (dumpOnce(what, request, entries)) {
                return;
            }
        }
    }

    private boolean dumpOnce(String what, NetlinkRequest request, Entries entries)
            throws IOException {
        int number = send(what, request);
        boolean consistent = true;
        int count = 0;
        while (true) {
            ByteBuffer messages = receive(what);
            while (messages.remaining() >= NetlinkRequest.HEADER_BYTES) {
                ByteBuffer message = next(what, messages);
                if (message.getInt(8) != number) {
                    continue;
                }
                consistent &= (message.getShort(6) & NLM_F_DUMP_INTR) == 0;
                int type = message.getShort(4);
                if (type == NLMSG_DONE) {
                    return consistent;
                } else if (type == NLMSG_ERROR) {
                    failUnlessZero(what, message);
                    return consistent;
                } else if (count++ < MAX_ENTRIES) {
                    message.position(NetlinkRequest.HEADER_BYTES);
                    entries.entry(type, message.slice().order(message.order()));
                }
            }
        }
    }

    private int send(String what, NetlinkRequest request) throws OsException {
        ByteBuffer message = request.message(++sequence);
        check(what, C.send(descriptor.number(), message, message.remaining(), 0));
        return sequence;
    }

    private ByteBuffer receive(String what) throws IOException {
        if (!LinuxLibrary.awaitInput(descriptor.number(), WAIT_NS)) {
            throw new IOException(what + ": the kernel does not answer");
        }
        received.clear();
        long length = check(what, C.recv(descriptor.number(), received, BUFFER_BYTES, 0));
        return received.limit((int) length);
    }

    /** Cuts the next message off. */
    static ByteBuffer next(String what, ByteBuffer messages) throws IOException {
        int start = messages.position();
        int length = messages.getInt(start);
        if (length < NetlinkRequest.HEADER_BYTES || length > messages.remaining()) {
            throw new IOException(what + ": a netlink message of " + length + " bytes");
        }
        ByteBuffer message = messages.slice(start, length).order(messages.order());
        messages.position(Math.min(messages.limit(), start + (length + 3 & ~3)));
        return message;
    }

    private static void failUnlessZero(String what, ByteBuffer message) throws IOException {
        if (message.limit() < NetlinkRequest.HEADER_BYTES + 4) {
            throw new IOException(what + ": a short netlink error");
        }
        int error = message.getInt(NetlinkRequest.HEADER_BYTES);
        if (error != 0) {
            throw new OsException(what, -error);
        }
    }

    /** Walks attributes from an offset; stops at the first that does not fit. */
    static void attributes(ByteBuffer body, int offset, Attributes attributes) {
        int at = offset;
        while (at + 4 <= body.limit()) {
            int length = body.getShort(at) & 0xffff;
            if (length < 4 || at + length > body.limit()) {
                return;
            }
            ByteBuffer value = body.slice(at + 4, length - 4).order(body.order());
            attributes.attribute(body.getShort(at + 2) & 0x3fff, value);
            at += length + 3 & ~3;
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
