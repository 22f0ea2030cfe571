package tp.os;

import static tp.os.LinuxLibrary.C;
import static tp.os.LinuxLibrary.check;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Path;
import java.time.Duration;

/** Facts about processes, and what this one may do to itself. */
public final class Processes {

    private static final int AT_FDCWD = -100;
    private static final int RENAME_EXCHANGE = 2;

    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final long SIG_IGN = 1;

    private Processes() {}

    /** {@return the user who started this process} */
    public static int userId() {
        return C.getuid();
    }

    /** {@return the user whose rights this process has} */
    public static int effectiveUserId() {
        return C.geteuid();
    }

    /**
     * Leaves the terminal: its signals no longer reach this process.
     *
     * @throws OsException {@code EPERM} if this process leads a group already
     */
    public static void newSession() throws OsException {
        check("setsid", C.setsid());
    }

    /** Goes on when the terminal is closed or its user interrupts. */
    public static void ignoreHangupAndInterrupt() {
        C.signal(SIGHUP, SIG_IGN);
        C.signal(SIGINT, SIG_IGN);
    }

    /** Lets nobody else read what this process will write. */
    public static void privateFiles() {
        C.umask(0077);
    }

    /**
     * Exchanges two files, links or directories of one file system in one step.
     *
     * @throws AtomicMoveNotSupportedException if this file system or kernel cannot
     */
    public static void exchange(Path one, Path other) throws IOException {
        if (C.renameat2(AT_FDCWD, one.toString(), AT_FDCWD, other.toString(), RENAME_EXCHANGE)
                == 0) {
            return;
        }
        OsException failure =
                new OsException("exchange " + one + " and " + other, LinuxLibrary.lastError());
        switch (failure.errno()) {
            case EINVAL, ENOSYS, EXDEV, EOPNOTSUPP ->
                    throw new AtomicMoveNotSupportedException(
                            one.toString(), other.toString(), failure.getMessage());
            default -> throw failure;
        }
    }

    /**
     * Watches a process, also one that is not a child.
     *
     * @throws OsException {@code ESRCH} if there is none
     */
    public static ProcessWatch watch(ProcessIdentity process) throws OsException {
        ProcessWatch watch = ProcessWatch.open(process.pid());
        // The number may have been given to another process before the watch began.
        if (!process.isAlive()) {
            watch.close();
            throw new OsException("watch process " + process.pid(), Errno.ESRCH.number());
        }
        return watch;
    }

    /** Waits on a process's descriptor, which the kernel makes readable at its end. */
    public static final class ProcessWatch implements AutoCloseable {

        private static final long PIDFD_OPEN = 434;

        private final Descriptor descriptor;

        private ProcessWatch(Descriptor descriptor) {
            this.descriptor = descriptor;
        }

        private static ProcessWatch open(long pid) throws OsException {
            long fd = check("watch process " + pid, C.syscall(PIDFD_OPEN, pid, 0));
            return new ProcessWatch(new Descriptor((int) fd));
        }

        /** {@return whether it has ended} Waits for that, at most so long. */
        public boolean awaitEnd(Duration atMost) throws OsException {
            return LinuxLibrary.awaitInput(descriptor.number(), atMost.toNanos());
        }

        /** Waits for the end. */
        public void awaitEnd() throws OsException {
            LinuxLibrary.awaitInput(descriptor.number(), -1);
        }

        @Override
        public void close() {
            descriptor.close();
        }
    }
}
