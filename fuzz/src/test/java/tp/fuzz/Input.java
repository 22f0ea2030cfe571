package tp.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes an input apart where a target needs more than one thing of it. What is missing at the end
 * is zero, so that every input means something.
 */
public final class Input {

    private final byte[] bytes;
    private int at;

    public Input(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean isEmpty() {
        return at == bytes.length;
    }

    public int octet() {
        return at < bytes.length ? bytes[at++] & 0xff : 0;
    }

    public int number16() {
        return octet() << 8 | octet();
    }

    public long number64() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | octet();
        }
        return value;
    }

    /** {@return bytes that have their length, of 16 bits, in front} */
    public byte[] chunk() {
        int length = Math.min(number16(), bytes.length - at);
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    public byte[] rest() {
        int from = at;
        at = bytes.length;
        return Arrays.copyOfRange(bytes, from, at);
    }

    /** {@return the rest as characters, whatever it is} */
    public String text() {
        return new String(rest(), StandardCharsets.UTF_8);
    }
}
