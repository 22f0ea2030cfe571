package tp.sandbox.node;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** The last part of what a container wrote; older output is dropped. Safe for many threads. */
final class BoundedLog {

    private static final int CAPACITY = 256 * 1024;

    private byte[] ring = new byte[4096];
    private long written;

    /** Takes everything from a stream until it ends. */
    void copyFrom(InputStream in) {
        byte[] buffer = new byte[8192];
        try (in) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                append(buffer, read);
            }
        } catch (IOException e) {
            // The process has ended and its pipe with it.
            return;
        }
    }

    synchronized void append(byte[] bytes, int length) {
        if (ring.length < CAPACITY && written + length > ring.length) {
            int wanted = (int) Math.min(CAPACITY, Math.max(written + length, ring.length * 2L));
            ring = Arrays.copyOf(ring, wanted);
        }
        for (int i = 0; i < length; i++) {
            ring[(int) (written++ % ring.length)] = bytes[i];
        }
    }

    /** {@return what is kept, beginning with a whole line where older lines were dropped} */
    synchronized byte[] bytes() {
        if (written <= ring.length) {
            return Arrays.copyOf(ring, (int) written);
        }
        byte[] kept = new byte[ring.length];
        int start = (int) (written % ring.length);
        System.arraycopy(ring, start, kept, 0, ring.length - start);
        System.arraycopy(ring, 0, kept, ring.length - start, start);
        int line = 0;
        while (line < kept.length && kept[line] != '\n') {
            line++;
        }
        return Arrays.copyOfRange(kept, Math.min(line + 1, kept.length), kept.length);
    }
}
