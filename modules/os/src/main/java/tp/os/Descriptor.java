package tp.os;

import java.util.concurrent.atomic.AtomicInteger;

/** An open file of this process. Whoever holds it closes it, once. */
public final class Descriptor implements AutoCloseable {

    private final AtomicInteger number;

    Descriptor(int number) {
        this.number = new AtomicInteger(number);
    }

    int number() throws OsException {
        int current = number.get();
        if (current < 0) {
            throw new OsException("use of a closed descriptor", Errno.EBADF.number());
        }
        return current;
    }

    /**
     * {@return the number, for somebody who closes it} Afterwards this object is closed.
     *
     * @throws OsException if it was closed
     */
    public int release() throws OsException {
        int released = number();
        number.set(-1);
        return released;
    }

    @Override
    public void close() {
        int current = number.getAndSet(-1);
        if (current >= 0) {
            LinuxLibrary.C.close(current);
        }
    }
}
