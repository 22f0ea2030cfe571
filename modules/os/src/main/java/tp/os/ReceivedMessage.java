package tp.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Room for one ICMP message and what the kernel says about it (recvmsg(2)); used again. */
final class ReceivedMessage {

    /** Takes the sequence number of a request, and type and code of the error about it. */
    @FunctionalInterface
    interface ErrorTaker {
        /**
         * @param icmp the type in the upper byte, the code in the lower
         */
        void take(int sequence, int icmp);
    }

    private static final int MAX_MESSAGE = 65_536;
    private static final int NAME_BYTES = 28;
    private static final int CONTROL_BYTES = 512;
    private static final int MSG_TRUNC = 0x20;

    // struct msghdr
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int VECTOR = 16;
    private static final int VECTOR_LENGTH = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int HEADER_BYTES = 56;

    // struct cmsghdr, and behind it struct sock_extended_err
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_BYTES = 16;
    private static final int ORIGIN = 4;
    private static final int TYPE = 5;
    private static final int CODE = 6;
    private static final int EXTENDED_ERROR_BYTES = 16;
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IP_RECVERR = 11;
    private static final int IPV6_RECVERR = 25;
    private static final int SO_EE_ORIGIN_ICMP = 2;
    private static final int SO_EE_ORIGIN_ICMP6 = 3;

    private static final int ECHO_REPLY = 0;
    private static final int V6_ECHO_REPLY = 129;
    private static final int ICMP_BYTES = 8;

    private final MemorySegment header;
    private final MemorySegment name;
    private final MemorySegment control;
    private final ByteBuffer data;
    private final byte[] ipv4 = new byte[4];
    private final byte[] ipv6 = new byte[16];

    ReceivedMessage(Arena arena) {
        header = arena.allocate(HEADER_BYTES, 8);
        name = arena.allocate(NAME_BYTES, 8);
        control = arena.allocate(CONTROL_BYTES, 8);
        MemorySegment bytes = arena.allocate(MAX_MESSAGE, 8);
        data = bytes.asByteBuffer();
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ADDRESS, 0, bytes);
        vector.set(JAVA_LONG, 8, MAX_MESSAGE);
        header.set(ADDRESS, NAME, name);
        header.set(ADDRESS, VECTOR, vector);
        header.set(JAVA_LONG, VECTOR_LENGTH, 1);
        header.set(ADDRESS, CONTROL, control);
    }

    void receive(ForeignCalls calls, int fd, int flags) throws OsException {
        header.set(JAVA_INT, NAME_LENGTH, NAME_BYTES);
        header.set(JAVA_LONG, CONTROL_LENGTH, CONTROL_BYTES);
        data.clear().limit((int) calls.recvmsg(fd, header, flags));
    }

    /** {@return who sent it} Good until the next message. */
    byte[] source(boolean isIpv4) {
        byte[] address = isIpv4 ? ipv4 : ipv6;
        MemorySegment.copy(name, JAVA_BYTE, isIpv4 ? 4 : 8, address, 0, address.length);
        return address;
    }

    /** {@return what came back, null where this is no reply to an echo} Good likewise. */
    @Nullable ByteBuffer echoed(boolean isIpv4) {
        int type = isIpv4 ? ECHO_REPLY : V6_ECHO_REPLY;
        boolean isReply =
                (header.get(JAVA_INT, FLAGS) & MSG_TRUNC) == 0
                        && data.limit() >= ICMP_BYTES
                        && (data.get(0) & 0xff) == type
                        && data.get(1) == 0;
        return isReply ? data.position(EchoSocket.SEQUENCE) : null;
    }

    /**
     * Of a message out of the error queue: tells the ICMP error in it. The data is the request that
     * it is about. Errors of the kernel's own are of no interest here: who sends is told at once.
     */
    void error(ErrorTaker taker) {
        long length = header.get(JAVA_LONG, CONTROL_LENGTH);
        if (length < CMSG_BYTES + EXTENDED_ERROR_BYTES || data.limit() < ICMP_BYTES) {
            return;
        }
        int level = control.get(JAVA_INT, CMSG_LEVEL);
        int type = control.get(JAVA_INT, CMSG_TYPE);
        int origin = control.get(JAVA_BYTE, CMSG_BYTES + ORIGIN);
        boolean known =
                (level == IPPROTO_IP && type == IP_RECVERR && origin == SO_EE_ORIGIN_ICMP)
                        || (level == IPPROTO_IPV6
                                && type == IPV6_RECVERR
                                && origin == SO_EE_ORIGIN_ICMP6);
        if (known) {
            int icmp =
                    (control.get(JAVA_BYTE, CMSG_BYTES + TYPE) & 0xff) << 8
                            | (control.get(JAVA_BYTE, CMSG_BYTES + CODE) & 0xff);
            taker.take(data.getShort(EchoSocket.SEQUENCE) & 0xffff, icmp);
        }
    }
}
