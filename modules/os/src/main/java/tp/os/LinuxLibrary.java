package tp.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The C library. Variadic functions are declared with fixed arguments, which the calling
 * conventions of Linux on x86-64 and AArch64 allow for integers and pointers.
 */
final class LinuxLibrary {

    /** Bound by jnr-ffi; a buffer stands for the address of its position and must be direct. */
    public interface LibC {
        int open(String path, int flags, int mode);

        int close(int fd);

        int ioctl(int fd, long request, ByteBuffer argument);

        int fcntl(int fd, int command, long argument);

        long read(int fd, ByteBuffer buffer, long length);

        long write(int fd, ByteBuffer buffer, long length);

        int ppoll(
                ByteBuffer descriptors,
                long count,
                @Nullable ByteBuffer timeout,
                @Nullable Pointer signals);

        int eventfd(int initial, int flags);

        int socket(int domain, int type, int protocol);

        int bind(int fd, ByteBuffer address, int length);

        int connect(int fd, ByteBuffer address, int length);

        int listen(int fd, int backlog);

        int accept4(int fd, @Nullable Pointer address, @Nullable Pointer length, int flags);

        int shutdown(int fd, int how);

        int getsockopt(int fd, int level, int option, ByteBuffer value, ByteBuffer length);

        int setsockopt(int fd, int level, int option, ByteBuffer value, int length);

        long send(int fd, ByteBuffer buffer, long length, int flags);

        long recv(int fd, ByteBuffer buffer, long length, int flags);

        long sendmsg(int fd, ByteBuffer header, int flags);

        long recvmsg(int fd, ByteBuffer header, int flags);

        int mount(
                String source,
                String target,
                @Nullable String type,
                long flags,
                @Nullable Pointer data);

        int setsid();

        int getuid();

        int geteuid();

        int umask(int mask);

        long signal(int number, long handler);

        int renameat2(int fromDirectory, String from, int toDirectory, String to, int flags);

        long syscall(long number, long first, long second);
    }

    static final LibC C = LibraryLoader.create(LibC.class).load("c");

    static final int EINTR = Errno.EINTR.number();
    static final int EAGAIN = Errno.EAGAIN.number();
    static final short POLLIN = 1;

    private LinuxLibrary() {}

    /** {@return errno of the last call of this thread} */
    static int lastError() {
        return jnr.ffi.Runtime.getSystemRuntime().getLastError();
    }

    /** {@return the result, where it is no failure} */
    static int check(String call, int result) throws OsException {
        if (result < 0) {
            throw new OsException(call, lastError());
        }
        return result;
    }

    /** {@return the result, where it is no failure} */
    static long check(String call, long result) throws OsException {
        if (result < 0) {
            throw new OsException(call, lastError());
        }
        return result;
    }

    /** {@return zeroed memory that C may see, in the machine's own byte order} */
    static ByteBuffer memory(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /**
     * Waits for input on one descriptor.
     *
     * @param timeoutNs negative: for ever
     * @return false after the time
     */
    static boolean awaitInput(int fd, long timeoutNs) throws OsException {
        return await(fd, POLLIN, timeoutNs);
    }

    /** Waits until the other end of a connection is closed: POLLHUP is always reported. */
    static void awaitHangup(int fd) throws OsException {
        await(fd, (short) 0, -1);
    }

    private static boolean await(int fd, short events, long timeoutNs) throws OsException {
        ByteBuffer entry = memory(8).putInt(0, fd).putShort(4, events);
        long end = timeoutNs < 0 ? 0 : System.nanoTime() + timeoutNs;
        while (true) {
            ByteBuffer wait = null;
            if (timeoutNs >= 0) {
                long left = Math.max(0, end - System.nanoTime());
                wait = memory(16).putLong(0, left / 1_000_000_000).putLong(8, left % 1_000_000_000);
            }
            int ready = C.ppoll(entry, 1, wait, null);
            if (ready >= 0) {
                return ready > 0;
            }
            if (lastError() != EINTR) {
                throw new OsException("ppoll", lastError());
            }
        }
    }
}
