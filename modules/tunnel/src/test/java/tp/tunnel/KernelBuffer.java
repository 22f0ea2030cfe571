package tp.tunnel;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** What is under way in one direction of a {@link VirtualSocket}. */
final class KernelBuffer {

    private final int capacity;
    private final Deque<byte[]> parts = new ArrayDeque<>();
    private int bytes;
    private boolean ended;
    private boolean reset;

    KernelBuffer(int capacity) {
        this.capacity = capacity;
    }

    int room() {
        return capacity - bytes;
    }

    int bytes() {
        return bytes;
    }

    boolean isEnded() {
        return ended;
    }

    boolean isReset() {
        return reset;
    }

    boolean hasNews() {
        return bytes > 0 || ended || reset;
    }

    void put(byte[] part) {
        if (!reset) {
            parts.add(part);
            bytes += part.length;
        }
    }

    byte[] take(int most) {
        byte[] taken = new byte[Math.min(most, bytes)];
        for (int at = 0; at < taken.length; ) {
            byte[] first = parts.removeFirst();
            int length = Math.min(first.length, taken.length - at);
            System.arraycopy(first, 0, taken, at, length);
            at += length;
            if (length < first.length) {
                parts.addFirst(Arrays.copyOfRange(first, length, first.length));
            }
        }
        bytes -= taken.length;
        return taken;
    }

    void end() {
        ended = true;
    }

    /**
     * @param dropped whether what is under way is not read any more
     */
    void reset(boolean dropped) {
        reset = true;
        if (dropped) {
            parts.clear();
            bytes = 0;
        }
    }
}
