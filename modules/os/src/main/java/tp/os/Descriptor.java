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

    @Override
    public void close() {
        int current = number.getAndSet(-1);
        if (current >= 0) {
            LinuxLibrary.C.close(current);
        }
    }
}
