package tp.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes an input that {@link Input} takes apart. */
public final class Bytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Bytes octet(int value) {
        out.write(value);
        return this;
    }

    public Bytes number16(int value) {
        return octet(value >> 8).octet(value);
    }

    public Bytes number64(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            octet((int) (value >> shift));
        }
        return this;
    }

    public Bytes chunk(byte[] bytes) {
        return number16(bytes.length).raw(bytes);
    }

    public Bytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public Bytes text(String text) {
        return raw(text.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] array() {
        return out.toByteArray();
    }
}
