package tp.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library without jnr-ffi, which the manager does not have (docs/adr/0015). An instance holds
 * what its calls return beside their results, and so is for one thread at a time.
 */
final class ForeignCalls {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET =
            bind("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SETSOCKOPT =
            bind(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CONNECT =
            bind("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SEND =
            bind("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECVMSG =
            bind("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE =
            bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EVENTFD =
            bind("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle WRITE =
            bind("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle EPOLL_CREATE =
            bind("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CTL =
            bind(
                    "epoll_ctl",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle EPOLL_WAIT =
            bind(
                    "epoll_wait",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

    private final MemorySegment state;

    ForeignCalls(Arena arena) {
        state = arena.allocate(STATE);
    }

    /** Native access is what this class is for; the run time grants it by name. */
    @SuppressWarnings("restricted")
    private static MethodHandle bind(String name, FunctionDescriptor function) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                function,
                Linker.Option.captureCallState("errno"));
    }

    int socket(int domain, int type, int protocol) throws OsException {
        try {
            return check("socket", (int) SOCKET.invokeExact(state, domain, type, protocol));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    void setsockopt(int fd, int level, int option, MemorySegment value) throws OsException {
        try {
            int length = (int) value.byteSize();
            check(
                    "setsockopt",
                    (int) SETSOCKOPT.invokeExact(state, fd, level, option, value, length));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    void connect(int fd, MemorySegment address) throws OsException {
        try {
            int length = (int) address.byteSize();
            check("connect", (int) CONNECT.invokeExact(state, fd, address, length));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    void send(int fd, MemorySegment message, int flags) throws OsException {
        try {
            check("send", (long) SEND.invokeExact(state, fd, message, message.byteSize(), flags));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    long recvmsg(int fd, MemorySegment header, int flags) throws OsException {
        try {
            return check("recvmsg", (long) RECVMSG.invokeExact(state, fd, header, flags));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** Nothing can be done where it fails, and the descriptor is gone in any case. */
    void close(int fd) {
        try {
            int ignored = (int) CLOSE.invokeExact(state, fd);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    int eventfd(int flags) throws OsException {
        try {
            return check("eventfd", (int) EVENTFD.invokeExact(state, 0, flags));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    void write(int fd, MemorySegment bytes) throws OsException {
        try {
            check("write", (long) WRITE.invokeExact(state, fd, bytes, bytes.byteSize()));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    int epollCreate(int flags) throws OsException {
        try {
            return check("epoll_create1", (int) EPOLL_CREATE.invokeExact(state, flags));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    void epollCtl(int epoll, int operation, int fd, MemorySegment event) throws OsException {
        try {
            check("epoll_ctl", (int) EPOLL_CTL.invokeExact(state, epoll, operation, fd, event));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** {@return how many events there are} Waits for the first of them. */
    int epollWait(int epoll, MemorySegment events, int most) throws OsException {
        try {
            return check(
                    "epoll_wait", (int) EPOLL_WAIT.invokeExact(state, epoll, events, most, -1));
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    private int check(String call, int result) throws OsException {
        return (int) check(call, (long) result);
    }

    private long check(String call, long result) throws OsException {
        if (result < 0) {
            throw new OsException(call, (int) ERRNO.get(state, 0L));
        }
        return result;
    }

    private static OsException thrown(Throwable e) {
        if (e instanceof OsException failed) {
            return failed;
        }
        if (e instanceof Error error) {
            throw error;
        }
        throw new IllegalStateException(e);
    }
}
